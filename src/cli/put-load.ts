// SPDX-License-Identifier: Apache-2.0

import { KVService, type PutRequest } from "../api/gen/etcdserverpb.ts";
import type { Init } from "../api/message-codec.ts";
import { type Client, RpcError } from "../client/index.ts";

/** What a run of puts came to. Times in seconds. */
export interface LoadReport {
  readonly seconds: number;
  readonly count: number;
  readonly slowest: number;
  /** Standard deviation of the times of the answers. */
  readonly deviation: number;
  /** Texts of the errors and how often each came. */
  readonly errors: ReadonlyMap<string, number>;
}

/** When the next put may begin. */
export interface Pace {
  /** How many of the most that there is room for begin now; undefined when no more will. */
  take(room: number): number | undefined;
}

// Between two looks at the pace while nothing is due.
const PACE_INTERVAL_MS = 1;

/**
 * Sends puts over many clients at once, one at a time on each, and as many more wait in front of
 * them; beyond that the pace is held up.
 */
export class PutLoad {
  readonly #idle: Client[];
  readonly #waitingMax: number;
  readonly #next: () => Init<PutRequest>;
  readonly #onAnswer: () => void;
  readonly #times: number[] = [];
  readonly #errors = new Map<string, number>();
  #waiting = 0;
  #running = 0;
  #finished = Promise.withResolvers<void>();

  constructor(
    clients: readonly Client[],
    next: () => Init<PutRequest>,
    onAnswer: () => void = () => {},
  ) {
    this.#idle = [...clients];
    this.#waitingMax = clients.length;
    this.#next = next;
    this.#onAnswer = onAnswer;
  }

  async run(pace: Pace): Promise<LoadReport> {
    const start = performance.now();
    for (;;) {
      const count = pace.take(this.#waitingMax - this.#waiting + this.#idle.length);
      if (count === undefined) break;
      for (let begun = 0; begun < count; begun++) this.#begin();
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, PACE_INTERVAL_MS);
      await promise;
    }
    while (this.#running > 0) {
      await this.#finished.promise;
      this.#finished = Promise.withResolvers();
    }
    return this.#report((performance.now() - start) / 1000);
  }

  #begin(): void {
    const client = this.#idle.pop();
    if (client === undefined) this.#waiting++;
    else void this.#put(client);
  }

  async #put(client: Client): Promise<void> {
    this.#running++;
    for (;;) {
      const start = performance.now();
      try {
        await client.call(KVService.put, this.#next());
        this.#times.push((performance.now() - start) / 1000);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        this.#errors.set(error.message, (this.#errors.get(error.message) ?? 0) + 1);
      }
      this.#onAnswer();
      if (this.#waiting === 0) break;
      this.#waiting--;
    }
    this.#idle.push(client);
    this.#running--;
    this.#finished.resolve();
  }

  #report(seconds: number): LoadReport {
    const count = this.#times.length;
    const mean = this.#times.reduce((sum, time) => sum + time, 0) / count;
    const square = this.#times.reduce((sum, time) => sum + (time - mean) ** 2, 0);
    const slowest = this.#times.reduce((most, time) => Math.max(most, time), 0);
    const deviation = count === 0 ? Number.NaN : Math.sqrt(square / count);
    return { seconds, count, slowest, deviation, errors: this.#errors };
  }
}

// Timers come late. What was missed may be made up for as long as this, not more: a server that
// falls behind must not be given a burst.
const LATENESS_SECONDS_MAX = 0.02;

/** So many puts a second, until `until` (of `performance.now`) or until it is stopped. */
export class SteadyPace implements Pace {
  readonly #perSecond: number;
  readonly #untilMs: number;
  #credit = 1;
  #lastMs = performance.now();
  #stopped = false;

  constructor(perSecond: number, untilMs: number) {
    this.#perSecond = perSecond;
    this.#untilMs = untilMs;
  }

  stop(): void {
    this.#stopped = true;
  }

  take(room: number): number | undefined {
    const nowMs = performance.now();
    if (this.#stopped || nowMs >= this.#untilMs) return undefined;
    const creditMax = Math.max(1, this.#perSecond * LATENESS_SECONDS_MAX);
    const earned = ((nowMs - this.#lastMs) / 1000) * this.#perSecond;
    this.#credit = Math.min(this.#credit + earned, creditMax);
    this.#lastMs = nowMs;
    const count = Math.min(Math.floor(this.#credit), room);
    this.#credit -= count;
    return count;
  }
}

/** So many puts, as fast as they are answered. */
export class CountedPace implements Pace {
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  take(room: number): number | undefined {
    if (this.#left === 0) return undefined;
    const count = Math.min(this.#left, room);
    this.#left -= count;
    return count;
  }
}
