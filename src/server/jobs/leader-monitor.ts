// SPDX-License-Identifier: Apache-2.0

/** Election timeouts in a row without a leader after which it counts as lost, as in etcd. */
const LEADERLESS_CHECKS_MAX = 3;

export interface LeaderMonitorParts {
  readonly hasLeader: () => boolean;
  readonly electionTimeoutMs: number;
  /** There has been no leader for a while: told again and again until there is one. */
  readonly lost: () => void;
}

/** Notices that there is no leader any more, looking once per election timeout. */
export class LeaderMonitor {
  readonly #parts: LeaderMonitorParts;
  readonly #timer: NodeJS.Timeout;
  #leaderless = 0;

  constructor(parts: LeaderMonitorParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.check(), parts.electionTimeoutMs);
  }

  /** One election timeout has passed. */
  check(): void {
    this.#leaderless = this.#parts.hasLeader() ? 0 : this.#leaderless + 1;
    if (this.#leaderless >= LEADERLESS_CHECKS_MAX) this.#parts.lost();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
