// SPDX-License-Identifier: Apache-2.0
// The numbered behaviours of etcd that clients can see. A number is the name of a behaviour for
// good; what it says is the title of the case in test/conformance/cases that carries it.

export interface Section {
  readonly title: string;
  /** First and last number, both belonging to it. */
  readonly first: number;
  readonly last: number;
  /** Every number of it is either tested or has a reason in `waiting`. */
  readonly isComplete: boolean;
}

function section(title: string, first: number, last: number, isComplete = false): Section {
  return { title, first, last, isComplete };
}

export const sections: readonly Section[] = [
  section("headers, revisions and the request envelope", 1, 17, true),
  section("range: which keys", 18, 41, true),
  section("range: order and filters", 42, 53, true),
  section("range stream", 54, 63, true),
  section("put", 64, 78, true),
  section("delete", 79, 88, true),
  section("txn: what is refused", 89, 106, true),
  section("txn: compares", 107, 123, true),
  section("txn: execution and answers", 124, 141, true),
  section("txn: corners", 142, 144, true),
  section("compaction", 145, 157, true),
  section("watch: creating and canceling", 158, 176, true),
  section("watch: which events arrive", 177, 201, true),
  section("watch: progress", 202, 208, true),
  section("lease: life and keys", 209, 228, true),
  section("lease: keep-alive and lists", 229, 243, true),
  section("quota and alarms", 244, 268, true),
  section("auth: users and roles", 269, 301),
  section("auth: tokens", 302, 320),
  section("auth: permissions", 321, 348),
  section("members", 349, 372),
  section("learners", 373, 384),
  section("reads without a leader, time limits", 385, 399),
  section("maintenance", 400, 426),
  section("versions and downgrade", 427, 434),
  section("elections", 435, 449),
  section("locks", 450, 456),
  section("HTTP and the JSON gateway", 457, 475),
  section("client: namespaces", 476, 479),
  section("client: ordering", 480, 482),
  section("client: leasing", 483, 489),
  section("client: mirror, transactions, sessions", 490, 503),
  section("client: names and connections", 504, 509),
  section("gRPC proxy", 510, 517),
  section("restarts", 518, 524, true),
];

const needsAuth = "waits for users and roles";
const needsMembers = "needs a second member";
const heldInFlight = "held with a proposal in flight, in src/server/grpc/kv.test.ts";

/** Behaviours of complete sections without a case yet: what they are, and what they wait for. */
export const waiting: Readonly<Record<number, readonly [title: string, reason: string]>> = {
  5: ["adding a user takes no revision of the store", needsAuth],
  6: ["answers name one cluster and the member that gave them", needsMembers],
  12: ["too many entries that wait to be applied refuse writes", heldInFlight],
  13: [
    "revoking a lease is still taken then",
    "held on a member that starts far behind, in test/replica/priority.test.ts",
  ],
  14: ["a stopping server ends what is in flight", heldInFlight],
  15: ["a caller that leaves ends its write's wait", heldInFlight],
  17: ["revisions never go back for one reader", needsMembers],
  137: ["a follower serves a reading txn by read index", needsMembers],
  138: ["a serializable txn needs no quorum", needsMembers],
  139: ["one linearizable range makes the txn wait for a quorum", needsMembers],
  142: ["a txn of compares alone needs no quorum", needsMembers],
  152: ["a follower's compaction reaches every member", needsMembers],
  153: ["compaction belongs to root", needsAuth],
  154: [
    "compaction by revision runs every five minutes",
    "held on a schedule without a clock, in src/server/jobs/compaction-schedule.test.ts",
  ],
  156: [
    "an interrupted compaction is finished after the restart",
    "held with a crash at a chosen moment, in src/core/mvcc/semantics.test.ts",
  ],
  173: ["a watch without permission is refused, its stream stays", needsAuth],
  174: ["an anonymous watch is refused", needsAuth],
  175: ["a watch with a bad token is refused", needsAuth],
  176: ["the interval as asked for is what is permitted", needsAuth],
  199: ["watchers of a member that gets a snapshot miss nothing", needsMembers],
  224: ["a new leader extends every lease", needsMembers],
  225: [
    "leases that end together are revoked at a limited rate",
    "held on a simulated clock, in test/replica/lease-storm.test.ts",
  ],
  226: ["without a quorum no lease is revoked", needsMembers],
  227: ["leases of a logged-in user are revoked with the server's own rights", needsAuth],
  232: ["a follower forwards a renewal to the leader", needsMembers],
  233: ["a forwarded renewal that takes too long ends the stream", needsMembers],
  234: ["a renewal without a leader ends the stream after a wait", needsMembers],
  235: ["a stream that wants a leader ends when it is lost", needsMembers],
  240: ["a leader that steps down tells no time to live", needsMembers],
  245: ["a member with a quota raises the alarm for all", needsMembers],
  264: ["the periodic check finds members with different data", needsMembers],
  265: ["the check of compactions finds the member that differs", needsMembers],
  266: ["without a majority the whole cluster is called corrupt", needsMembers],
  267: ["a member that differs from its peers does not start", needsMembers],
  268: ["without a quorum alarms cannot be listed", needsMembers],
  400: ["each member has its ID, and all name one leader", needsMembers],
  401: ["status without a leader says so", needsMembers],
  411: ["compactions at a tombstone leave equal hashes", needsMembers],
  421: ["a defragmentation is that of one member", needsMembers],
  422: ["a leader hands over to a voter", needsMembers],
  423: ["only the leader hands over", needsMembers],
  425: ["handing over to a member that is down ends at the deadline", needsMembers],
  426: ["a leader that stops hands over first", needsMembers],
  519: ["a member that was away for long gets a snapshot", needsMembers],
  520: ["users, roles and the switch of auth are kept", needsAuth],
  523: ["restarts one by one under load lose nothing confirmed", needsMembers],
};
