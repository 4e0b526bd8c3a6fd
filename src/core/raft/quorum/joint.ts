// SPDX-License-Identifier: Apache-2.0

import { type AckedIndex, MajorityConfig, type VoteOf, type VoteResult } from "./majority.ts";

/**
 * Two sets of voters that both have to agree while the group moves from one to the other. Outside
 * such a move the outgoing half is empty and agrees with everything.
 */
export class JointConfig {
  readonly incoming: MajorityConfig;
  readonly outgoing: MajorityConfig;
  /** The voters of both halves, ascending. */
  readonly ids: readonly bigint[];

  constructor(incoming: MajorityConfig, outgoing: MajorityConfig) {
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.ids =
      outgoing.size === 0
        ? incoming.ids
        : new MajorityConfig([...incoming.ids, ...outgoing.ids]).ids;
  }

  get isJoint(): boolean {
    return this.outgoing.size > 0;
  }

  /** One voter alone decides. */
  get isSingleton(): boolean {
    return this.incoming.size === 1 && !this.isJoint;
  }

  has(id: bigint): boolean {
    return this.incoming.has(id) || this.outgoing.has(id);
  }

  committedIndex(acked: AckedIndex): number {
    const incoming = this.incoming.committedIndex(acked);
    return Math.min(incoming, this.outgoing.committedIndex(acked));
  }

  voteResult(voteOf: VoteOf): VoteResult {
    const incoming = this.incoming.voteResult(voteOf);
    const outgoing = this.outgoing.voteResult(voteOf);
    if (incoming === outgoing) return incoming;
    return incoming === "lost" || outgoing === "lost" ? "lost" : "pending";
  }
}
