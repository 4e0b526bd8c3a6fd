// SPDX-License-Identifier: Apache-2.0

import type { Request } from "../apply/index.ts";
import { PENDING_PROPOSAL_BYTES_MAX, PENDING_PROPOSALS_MAX } from "./limits.ts";

/** One request on its way through the log. `data` is its entry, `request` what that holds. */
export interface Proposal {
  /** The lower 48 bits of the request ID. */
  readonly id: number;
  readonly data: Uint8Array;
  readonly request: Request;
  /**
   * The leader's own decision, which counts only while it leads: such a proposal is dropped,
   * never forwarded, once another member may lead.
   */
  readonly isLeaders?: boolean;
  /** True once somebody has answered it: its result goes nowhere. */
  answered: boolean;
}

interface Waiting<P> {
  readonly proposal: P;
  readonly deadlineTick: number;
}

/**
 * Proposals in the order they were made. A member's own entries are applied in that order nearly
 * always, so the head is compared first, by the identity of its bytes.
 */
export class ProposalQueue<P extends Proposal> {
  #waiting: (Waiting<P> | undefined)[] = [];
  #head = 0;
  #bytes = 0;

  get size(): number {
    return this.#waiting.length - this.#head;
  }

  hasRoomFor(bytes: number): boolean {
    return this.size < PENDING_PROPOSALS_MAX && this.#bytes + bytes <= PENDING_PROPOSAL_BYTES_MAX;
  }

  push(proposal: P, deadlineTick: number): void {
    this.#waiting.push({ proposal, deadlineTick });
    this.#bytes += proposal.data.length;
  }

  /** Takes the proposal whose own bytes these are, if it is the oldest one. */
  takeHead(data: Uint8Array): P | undefined {
    const head = this.#waiting[this.#head];
    if (head?.proposal.data !== data) return undefined;
    this.#drop(this.#head);
    return head.proposal;
  }

  /** Takes the proposal with these lower bits of an ID, wherever it stands. */
  takeById(id: number): P | undefined {
    for (let at = this.#head; at < this.#waiting.length; at++) {
      const waiting = this.#waiting[at];
      if (waiting === undefined || waiting.proposal.id !== id) continue;
      this.#drop(at);
      return waiting.proposal;
    }
    return undefined;
  }

  /** Takes everything whose deadline has come; deadlines ascend along the queue. */
  takeExpired(tick: number): P[] {
    const expired: P[] = [];
    for (;;) {
      const head = this.#waiting[this.#head];
      if (head === undefined || head.deadlineTick > tick) return expired;
      this.#drop(this.#head);
      expired.push(head.proposal);
    }
  }

  takeAll(): P[] {
    return this.takeExpired(Number.POSITIVE_INFINITY);
  }

  #drop(at: number): void {
    const waiting = this.#waiting[at];
    this.#waiting[at] = undefined;
    this.#bytes -= waiting?.proposal.data.length ?? 0;
    while (this.#head < this.#waiting.length && this.#waiting[this.#head] === undefined) {
      this.#head++;
    }
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }
}
