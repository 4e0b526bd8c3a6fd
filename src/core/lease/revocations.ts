// SPDX-License-Identifier: Apache-2.0

/** Revokes of expired leases under way at once (etcd's value). */
export const REVOKES_IN_FLIGHT_MAX = 16;
/** Expired leases that wait for their revoke; while there are more, no further ones are taken. */
export const REVOKES_WAITING_MAX = 8000;

/**
 * Expired leases on their way out. They wait here for one of a few places, so that however many
 * expire together, revokes never crowd out the requests of clients.
 */
export class Revocations {
  #waiting: bigint[] = [];
  #next = 0;
  readonly #known = new Set<bigint>();
  #inFlight = 0;
  #term = 0;

  get waiting(): number {
    return this.#waiting.length - this.#next;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get hasRoom(): boolean {
    return this.waiting < REVOKES_WAITING_MAX;
  }

  /** Adds leases; those that are here already, waiting or under way, are passed over. */
  offer(ids: readonly bigint[]): void {
    for (const id of ids) {
      if (this.#known.has(id)) continue;
      this.#known.add(id);
      this.#waiting.push(id);
    }
  }

  /**
   * The next lease to revoke now, if there is a place. Its `done` must be called when the revoke
   * has come to an end, whichever.
   */
  take(): { readonly id: bigint; done(): void } | undefined {
    if (this.#inFlight >= REVOKES_IN_FLIGHT_MAX) return undefined;
    const id = this.#waiting[this.#next];
    if (id === undefined) return undefined;
    this.#next++;
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
    this.#inFlight++;
    const term = this.#term;
    return {
      id,
      done: () => {
        if (term !== this.#term) return;
        this.#known.delete(id);
        this.#inFlight--;
      },
    };
  }

  /** Forgets everything: this member leads no more. */
  clear(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#known.clear();
    this.#inFlight = 0;
    this.#term++;
  }
}
