// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../../base/invariant.ts";
import type { Inflights } from "./inflights.ts";

/**
 * How the leader sends to a follower.
 * - `probe`: where the logs part is not known; one append at a time, until one is accepted.
 * - `replicate`: appends are sent ahead of their acknowledgements, within the window.
 * - `snapshot`: a snapshot is under way; no appends.
 */
export type ProgressState = "probe" | "replicate" | "snapshot";

const STATE_NAMES = {
  probe: "StateProbe",
  replicate: "StateReplicate",
  snapshot: "StateSnapshot",
} as const;

/** Where a progress starts. */
export interface ProgressInit {
  readonly match: number;
  readonly next: number;
  readonly isLearner: boolean;
  readonly recentActive: boolean;
  readonly inflights: Inflights;
}

/** What the leader knows of one member's log. */
export class Progress {
  /** The last index known to be equal in both logs. */
  match: number;
  /** The index of the next entry to send. Invariant: match < next. */
  next: number;
  state: ProgressState = "probe";
  /** The index of the snapshot under way; 0 outside the state `snapshot`. */
  pendingSnapshot = 0;
  /** Something came from this member since the last check of the quorum. */
  recentActive: boolean;
  /** No append until a response comes: a probe is under way, or the window is full. */
  appendPaused = false;
  isLearner: boolean;
  /** The append messages under way. Empty outside the state `replicate`. */
  readonly inflights: Inflights;
  /**
   * The highest commit index sent, as far as it can take effect there. The follower commits no
   * further than its log reaches, so that more than next - 1 is never counted as known.
   */
  #sentCommit = 0;

  constructor(init: ProgressInit) {
    this.match = init.match;
    this.next = init.next;
    this.isLearner = init.isLearner;
    this.recentActive = init.recentActive;
    this.inflights = init.inflights;
  }

  /** A copy that can change alone, but for the window of messages, which is shared. */
  clone(inflights: Inflights = this.inflights): Progress {
    const copy = new Progress({ ...this, inflights });
    copy.state = this.state;
    copy.pendingSnapshot = this.pendingSnapshot;
    copy.appendPaused = this.appendPaused;
    copy.#sentCommit = this.#sentCommit;
    return copy;
  }

  #enter(state: ProgressState): void {
    this.appendPaused = false;
    this.pendingSnapshot = 0;
    this.state = state;
    this.inflights.reset();
  }

  becomeProbe(): void {
    // A snapshot that arrived has brought the follower to its index, even if no response told.
    const arrived = this.state === "snapshot" ? this.pendingSnapshot : 0;
    this.#enter("probe");
    this.next = Math.max(this.match, arrived) + 1;
    this.#sentCommit = Math.min(this.#sentCommit, this.next - 1);
  }

  becomeReplicate(): void {
    this.#enter("replicate");
    this.next = this.match + 1;
  }

  becomeSnapshot(index: number): void {
    this.#enter("snapshot");
    this.pendingSnapshot = index;
    this.next = index + 1;
    this.#sentCommit = index;
  }

  /** An append of so many entries with so many payload bytes was sent. */
  sentEntries(count: number, bytes: number): void {
    if (this.state === "replicate") {
      if (count > 0) {
        this.next += count;
        this.inflights.add(this.next - 1, bytes);
      }
      this.appendPaused = this.inflights.isFull;
    } else {
      invariant(this.state === "probe", "append sent while a snapshot is under way");
      if (count > 0) this.appendPaused = true;
    }
  }

  /** Whether sending this commit index could move the follower's. */
  canBumpCommit(commit: number): boolean {
    return commit > this.#sentCommit && this.#sentCommit < this.next - 1;
  }

  sentCommit(commit: number): void {
    this.#sentCommit = commit;
  }

  /** The follower has everything up to `index`. False when that was known. */
  maybeUpdate(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    this.appendPaused = false;
    return true;
  }

  /**
   * The follower refused an append after `rejected`; its log may match at `hint`. False when the
   * refusal is stale: it answers an append that was superseded.
   */
  maybeDecreaseTo(rejected: number, hint: number): boolean {
    if (this.state === "replicate") {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
    } else {
      if (this.next - 1 !== rejected) return false;
      this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
      this.appendPaused = false;
    }
    this.#sentCommit = Math.min(this.#sentCommit, this.next - 1);
    return true;
  }

  get isPaused(): boolean {
    return this.state === "snapshot" || this.appendPaused;
  }

  describe(): string {
    let text = `${STATE_NAMES[this.state]} match=${this.match} next=${this.next}`;
    if (this.isLearner) text += " learner";
    if (this.isPaused) text += " paused";
    if (this.pendingSnapshot > 0) text += ` pendingSnap=${this.pendingSnapshot}`;
    if (!this.recentActive) text += " inactive";
    if (this.inflights.count > 0) {
      text += ` inflight=${this.inflights.count}${this.inflights.isFull ? "[full]" : ""}`;
    }
    return text;
  }
}
