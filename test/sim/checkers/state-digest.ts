// SPDX-License-Identifier: Apache-2.0

import { crc32c } from "../../../src/base/crc32c.ts";
import type { Lessor } from "../../../src/core/lease/index.ts";
import type { MvccStore } from "../../../src/core/mvcc/index.ts";
import { encodeConfState } from "../../../src/core/replica/index.ts";
import type { SimMember } from "../contracts.ts";
import { expectThat } from "../failure.ts";

const ZERO = Uint8Array.of(0);
const textDecoder = new TextDecoder();

/** A hash of etcd's kind, with what it was computed over. */
export interface HistoryHash {
  readonly over: string;
  readonly hash: number;
}

/**
 * The hash over all revisions that are left, however far a compaction has got; or the one that
 * the last compaction has kept, which reaches back further.
 */
export function historyHash(store: MvccStore): HistoryHash {
  const found = store.hashByRevision(store.currentRevision);
  expectThat(
    found.kind === "job" || found.kind === "hash",
    "no member breaks",
    () => `the current state has no hash: ${found.kind}`,
  );
  if (found.kind === "hash") return describe(found);
  const step = found.step(Number.MAX_SAFE_INTEGER);
  expectThat(step.done, "no member breaks", () => "a hash did not end");
  return describe(step.result);
}

function describe(found: {
  readonly hash: number;
  readonly hashRevision: number;
  readonly compactRevision: number;
}): HistoryHash {
  return { over: `${found.compactRevision}..${found.hashRevision}`, hash: found.hash };
}

/** The state of a member in one text: pairs, revisions, members and configuration. */
export function stateDigest({ store, replica, membership, leases }: SimMember): string {
  const all = store.range(ZERO, ZERO, { revision: 0, limit: 0 });
  let sum = 0;
  if (all.kind === "ok") for (const kv of all.kvs) sum = crc32c(kv.bytes) ^ Math.imul(sum, 31);
  const lent = all.kind === "ok" ? all.kvs.filter(({ lease }) => lease !== 0n).length : 0;
  const members = membership
    .members()
    .map(({ id, isLearner, peerUrls }) => `${id}${isLearner ? "L" : ""}@${peerUrls.join(",")}`);
  const removed = membership.removed().sort((a, b) => (a < b ? -1 : 1));
  const conf = new TextDecoder().decode(encodeConfState(replica.confState));
  return [
    `revision ${store.currentRevision}, compacted ${store.compactRevision}, pairs ${sum}`,
    describeLeases(leases, store, lent),
    `members ${members.join(" ")}, removed ${removed.join(" ")}, ${conf}`,
  ].join(", ");
}

/** Leases with their keys; no key is lent by a lease that is gone. */
function describeLeases(leases: Lessor, store: MvccStore, lent: number): string {
  let keys = 0;
  const texts = [...leases.ids()].sort().map((id) => {
    const own = store.keysOfLease(id).map((key) => textDecoder.decode(key));
    keys += own.length;
    return `${id}/${leases.get(id)?.ttl}:${own.join(" ")}`;
  });
  expectThat(keys === lent, "leases end whole", () => {
    return `${lent} keys have leases, and ${keys} are found by lease: ${texts.join(", ")}`;
  });
  return `leases ${texts.join(", ")}`;
}

/** Whoever is in the configuration has a row among the members, and nobody else. */
export function checkMembers({ machine, replica, membership }: SimMember): void {
  const { voters, learners, votersOutgoing } = replica.confState;
  const inConfiguration = new Set([...voters, ...learners, ...votersOutgoing]);
  const members = membership.members().map(({ id }) => id);
  expectThat(
    members.length === inConfiguration.size && members.every((id) => inConfiguration.has(id)),
    "members and configuration agree",
    () => `${machine.name} has ${members.length} members, but ${inConfiguration.size} take part`,
  );
}
