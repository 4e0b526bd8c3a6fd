// SPDX-License-Identifier: Apache-2.0

import {
  type BasicStatus,
  type HardState,
  type Message,
  MessageType,
  NONE,
} from "../../../src/core/raft/index.ts";
import type { Coverage } from "../coverage.ts";
import { expectThat } from "../failure.ts";

const hex = (id: bigint): string => id.toString(16);

/** One leader per term, one vote per member and term. */
export class ElectionChecker {
  readonly #coverage: Coverage;
  readonly #leaders = new Map<number, bigint>();
  readonly #votes = new Map<string, bigint>();
  #lastTerm = 0;

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
  }

  /** A member leads. True when it is new to this term. */
  onLeader({ id, term }: BasicStatus): boolean {
    const known = this.#leaders.get(term);
    expectThat(
      known === undefined || known === id,
      "one leader per term",
      () => `${hex(known ?? NONE)} and ${hex(id)} lead in term ${term}`,
    );
    if (known !== undefined) return false;
    this.#leaders.set(term, id);
    this.#coverage.saw("a leader was elected");
    if (this.#lastTerm > 0) this.#coverage.saw("an election was won in a later term");
    this.#lastTerm = Math.max(this.#lastTerm, term);
    return true;
  }

  /** What a member says to another, once it may be said. */
  onSent({ type, from, to, term, reject }: Message): void {
    if (type === MessageType.MsgVoteResp) {
      if (reject) this.#coverage.saw("a vote was refused");
      else this.#vote(from, term, to);
    } else if (type === MessageType.MsgPreVoteResp && reject) {
      this.#coverage.saw("a pre-vote was refused");
    }
  }

  /**
   * A member has its vote on disk. That for itself counts from then on: it asks others before,
   * and when it crashes meanwhile it may still vote for somebody else.
   */
  onStored(voter: bigint, { term, vote }: HardState): void {
    if (vote !== NONE) this.#vote(voter, term, vote);
  }

  #vote(voter: bigint, term: number, candidate: bigint): void {
    const key = `${voter}/${term}`;
    const known = this.#votes.get(key) ?? candidate;
    expectThat(
      known === candidate,
      "one vote per term",
      () => `in term ${term} ${hex(voter)} voted for ${hex(known)} and for ${hex(candidate)}`,
    );
    this.#votes.set(key, candidate);
  }
}
