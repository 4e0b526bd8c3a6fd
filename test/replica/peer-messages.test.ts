// SPDX-License-Identifier: Apache-2.0
// What other members may say without ending the process: lies, nonsense, and messages of others.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError, WireReader } from "../../src/base/wire-reader.ts";
import { MemoryDisk } from "../../src/core/backend/index.ts";
import {
  APPEND_THREAD,
  type ConfChange,
  createMessage,
  decodeMessage,
  EMPTY_CONF_STATE,
  encodeConfChange,
  encoded,
  type Message,
  type MessageType,
  NO_BYTES,
  MessageType as T,
} from "../../src/core/raft/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { SimClock } from "../harness/sim-clock.ts";
import { SimDisk } from "../harness/sim-disk.ts";
import { SimMember } from "../harness/sim-member.ts";

const STRANGER = 99n;

/** A member of three, with the identities of the two that the test plays. */
class PlayedGroup {
  readonly member = new SimMember({
    disk: new SimDisk(),
    store: new MemoryDisk(),
    clock: new SimClock(),
    random: new SeededRandom(1),
    peers: ["n", "o"],
  });
  readonly self: bigint;
  readonly peers: readonly bigint[];

  constructor() {
    this.member.settle();
    this.self = this.member.replica.status.id;
    this.peers = this.member.state.membership
      .members()
      .map(({ id }) => id)
      .filter((id) => id !== this.self);
  }

  get peer(): bigint {
    return this.peers[0] ?? 0n;
  }

  step(type: MessageType, init: Partial<Message> = {}): void {
    const { term } = this.member.replica.status;
    const message = { from: this.peer, to: this.self, term, ...init, type };
    this.member.replica.step(createMessage(message));
    this.member.settle();
  }

  /** The other two vote for the member and acknowledge what it sends. */
  lead(): this {
    for (let ticks = 0; ticks < 25 && !this.member.replica.isReadyLeader; ticks++) {
      this.member.replica.tick();
      this.member.settle();
      this.agree();
    }
    expect(this.member.replica.isReadyLeader).toBe(true);
    return this;
  }

  agree(): void {
    for (
      let sent = this.member.sent.splice(0);
      sent.length > 0;
      sent = this.member.sent.splice(0)
    ) {
      for (const message of sent) this.#answer(message);
    }
  }

  #answer({ type, to: from, term, index, entries }: Message): void {
    if (type === T.MsgPreVote) this.step(T.MsgPreVoteResp, { from, term });
    else if (type === T.MsgVote) this.step(T.MsgVoteResp, { from, term });
    else if (type === T.MsgApp)
      this.step(T.MsgAppResp, { from, term, index: index + entries.length });
  }

  follow(): this {
    this.step(T.MsgHeartbeat, { term: 2 });
    expect(this.member.replica.status.leader).toBe(this.peer);
    return this;
  }

  get causes(): string[] {
    return this.member.refused.map(({ refusal }) => refusal);
  }
}

function entry(type: 0 | 1 | 2, data: Uint8Array, index = 0, term = 0) {
  return { type, term, index, data };
}

function confChange(init: Partial<ConfChange>): Uint8Array {
  return encoded(encodeConfChange, { id: 1n, type: 0, nodeId: 5n, context: NO_BYTES, ...init });
}

const GARBAGE = Uint8Array.of(0xff, 0xff, 0xff);

describe("a message is dropped, and told once,", () => {
  const group = new PlayedGroup().follow();
  const snapshot = (confState: object, index = 50) => ({
    data: NO_BYTES,
    metadata: { confState: { ...EMPTY_CONF_STATE, ...confState }, index, term: 2 },
  });
  const cases: [string, string, MessageType, Partial<Message>][] = [
    ["from nobody", "impossible-sender", T.MsgApp, { from: 0n }],
    ["from the member itself", "impossible-sender", T.MsgAppResp, { from: group.self }],
    ["from its own storage", "impossible-sender", T.MsgStorageAppendResp, { from: APPEND_THREAD }],
    ["for another member", "wrong-addressee", T.MsgHeartbeat, { to: STRANGER }],
    ["that only a shell may say", "local-message", T.MsgHup, {}],
    ["that answers from outside", "peer-not-found", T.MsgAppResp, { from: STRANGER, index: 1 }],
    ["without a term", "no-term", T.MsgApp, { term: 0 }],
    ["of a term without a next one", "counter-too-large", T.MsgVote, { term: 2 ** 53 - 1 }],
    ["of an index without a next one", "counter-too-large", T.MsgApp, { index: 2 ** 53 - 1 }],
    ["that commits what the log lacks", "commit-beyond-log", T.MsgHeartbeat, { commit: 1000 }],
    [
      "with a gap",
      "malformed-entries",
      T.MsgApp,
      { index: 3, entries: [entry(0, NO_BYTES, 9, 2)] },
    ],
    [
      "with an entry of a later term",
      "malformed-entries",
      T.MsgApp,
      { index: 3, entries: [entry(0, NO_BYTES, 4, 9)] },
    ],
    ["with a snapshot of nothing", "malformed-snapshot", T.MsgSnap, {}],
    ["with a snapshot of nobody", "malformed-snapshot", T.MsgSnap, { snapshot: snapshot({}) }],
    [
      "with a learner that votes",
      "malformed-snapshot",
      T.MsgSnap,
      { snapshot: snapshot({ voters: [group.self], learners: [group.self] }) },
    ],
    [
      "with a snapshot at no position",
      "malformed-snapshot",
      T.MsgSnap,
      { snapshot: snapshot({ voters: [group.self] }, 0) },
    ],
    ["with a garbled proposal", "malformed-request", T.MsgProp, { entries: [entry(0, GARBAGE)] }],
    [
      "with a request of a later version",
      "malformed-request",
      T.MsgProp,
      { entries: [entry(0, Uint8Array.of(0xfa, 0x7f, 0))] },
    ],
    [
      "with a garbled conf change",
      "malformed-conf-change",
      T.MsgProp,
      { entries: [entry(1, GARBAGE)] },
    ],
    [
      "with a member nobody can read",
      "malformed-conf-change",
      T.MsgProp,
      { entries: [entry(1, confChange({ context: Buffer.from("{") }))] },
    ],
    [
      "with a change of another member than it says",
      "malformed-conf-change",
      T.MsgProp,
      { entries: [entry(1, confChange({ context: Buffer.from('{"id":6}') }))] },
    ],
    ["with a joint change", "malformed-conf-change", T.MsgProp, { entries: [entry(2, NO_BYTES)] }],
    [
      "whose entries hold a garbled conf change",
      "malformed-conf-change",
      T.MsgApp,
      { index: 3, logTerm: 1, entries: [entry(1, GARBAGE, 4, 2)] },
    ],
  ];

  test.each(cases)("%s: %s", (_name, cause, type, init) => {
    const fresh = new PlayedGroup().follow();
    const before = fresh.member.replica.status;
    fresh.step(type, init);
    fresh.step(type, init);
    expect(fresh.causes).toEqual([cause]);
    expect(fresh.member.replica.counters.messagesRefused).toBe(2);
    expect(fresh.member.replica.status).toEqual(before);
  });
});

test("what a removed member says is dropped, and told", () => {
  const group = new PlayedGroup().lead();
  const removed = group.peers[1] ?? 0n;
  group.step(T.MsgProp, { entries: [entry(1, confChange({ type: 1, nodeId: removed }))] });
  group.agree();
  group.step(T.MsgVote, { from: removed, term: 9 });
  expect(group.causes).toEqual(["removed-member"]);
  expect(group.member.replica.status.term).toBeLessThan(9);
});

test("a follower's honest proposal passes, of a put and of a member", () => {
  const group = new PlayedGroup().lead();
  const member = '{"id":5,"peerURLs":["http://127.0.0.1:9"],"isLearner":true}';
  const change = confChange({ type: 3, context: Buffer.from(member) });
  const { index } = { index: group.member.replica.appliedIndex };
  group.step(T.MsgProp, { entries: [entry(1, change)] });
  group.agree();
  expect(group.member.replica.appliedIndex).toBe(index + 1);
  expect(group.member.replica.confState.learners).toEqual([5n]);
  expect(group.causes).toEqual([]);
});

test("a member that leads by now gets back what it had sent to another leader", () => {
  const group = new PlayedGroup().lead();
  const request = { from: group.self, to: group.self, term: 0 };
  const { data } = group.member.put("back", "again");
  group.step(T.MsgProp, { ...request, entries: [entry(0, data)] });
  group.step(T.MsgReadIndex, { ...request, entries: [entry(0, new Uint8Array(8))] });
  group.agree();
  expect(group.causes).toEqual([]);
  expect(group.member.value("back")).toBe("again");
});

test("an answer to a read that this member never asked for is nobody's", () => {
  const group = new PlayedGroup().follow();
  for (const data of [NO_BYTES, GARBAGE, new Uint8Array(8), new Uint8Array(9)]) {
    group.step(T.MsgReadIndexResp, { index: 2, entries: [entry(0, data)] });
  }
  expect(group.member.read("k").value).toBeUndefined();
});

test("senders without end are told of up to a limit, then the cause once more", () => {
  const group = new PlayedGroup().follow();
  for (let from = 1000n; from < 2000n; from++) group.step(T.MsgAppResp, { from, index: 1 });
  expect(group.member.replica.counters.messagesRefused).toBe(1000);
  expect(group.member.refused.length).toBe(257);
});

/** Messages of every kind, near to what could be and far from it. */
function messages(group: PlayedGroup): fc.Arbitrary<Message> {
  const small = fc.integer({ min: 0, max: 12 });
  const counter = fc.oneof({ weight: 9, arbitrary: small }, fc.maxSafeNat());
  const put = Buffer.from("2200", "hex");
  const bytes = fc.oneof(fc.constant(NO_BYTES), fc.uint8Array({ maxLength: 12 }));
  const change = fc
    .record({
      type: fc.constantFrom(0, 1, 2, 3),
      nodeId: fc.constantFrom(0n, 5n, ...group.peers),
      context: bytes,
    })
    .map((init) => confChange(init as Partial<ConfChange>));
  const idList = fc.array(fc.constantFrom(0n, 5n, group.self, ...group.peers), { maxLength: 3 });
  // A leader's normal entries are taken as they are: what it has committed has to be understood.
  const appended = fc.record({
    type: fc.constantFrom(0 as const),
    term: counter,
    index: counter,
    data: fc.constantFrom(NO_BYTES, put),
  });
  const proposed = fc.record({
    type: fc.constantFrom(0 as const, 1 as const, 2 as const),
    term: counter,
    index: counter,
    data: fc.oneof(bytes, change, fc.constant(put)),
  });
  return fc
    .record({
      type: fc.constantFrom(...Object.values(T)),
      from: fc.constantFrom(
        0n,
        group.self,
        STRANGER,
        APPEND_THREAD,
        ...group.peers,
        ...group.peers,
      ),
      to: fc.constantFrom(group.self, group.self, group.self, STRANGER),
      term: counter,
      logTerm: counter,
      index: counter,
      commit: counter,
      vote: fc.constantFrom(0n, ...group.peers),
      reject: fc.boolean(),
      rejectHint: counter,
      context: fc.option(bytes, { nil: undefined }),
      appended: fc.array(appended, { maxLength: 3 }),
      proposed: fc.array(proposed, { maxLength: 3 }),
      confState: fc.record({
        voters: fc.constant([]),
        learners: idList,
        votersOutgoing: idList,
        learnersNext: idList,
        autoLeave: fc.boolean(),
      }),
    })
    .map(({ appended, proposed, confState, ...init }) => {
      const entries = init.type === T.MsgApp ? appended : proposed;
      const metadata = { confState, index: init.index, term: init.logTerm };
      const snapshot = init.type === T.MsgSnap ? { data: NO_BYTES, metadata } : undefined;
      return createMessage({ ...init, entries, snapshot });
    });
}

test.each(["leader", "follower", "candidate"])("no messages end a %s", (role) => {
  const template = new PlayedGroup();
  fc.assert(
    fc.property(fc.array(messages(template), { maxLength: 40 }), (list) => {
      const group = new PlayedGroup();
      if (role === "leader") group.lead();
      else if (role === "follower") group.follow();
      let { commit, term } = group.member.replica.status;
      for (const message of list) {
        group.member.replica.step(message);
        group.member.replica.tick();
        group.member.settle();
        const { status } = group.member.replica;
        expect(status.commit).toBeGreaterThanOrEqual(commit);
        expect(status.term).toBeGreaterThanOrEqual(term);
        ({ commit, term } = status);
      }
    }),
    { numRuns: 150 },
  );
});

test("bytes of any kind decode to a message that is handled, or are refused by the decoder", () => {
  const group = new PlayedGroup().follow();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
      try {
        const message = decodeMessage(new WireReader(data));
        // Its entries would have to be a leader's.
        if (message.type !== T.MsgApp) group.member.replica.step(message);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
      group.member.settle();
    }),
    { numRuns: 2000 },
  );
});
