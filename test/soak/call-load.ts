// SPDX-License-Identifier: Apache-2.0

import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { type LoadCall, MixedConnection } from "./mixed-connection.ts";
import { keyAt, keyCount, type Workload } from "./workload.ts";

const connectionCount = 10;
const inFlightPerConnection = 10;
/** Calls are let go in portions, this often. */
const portionMs = 5;
/** What a stalled server did not take is asked for later, but no more than this much. */
const backlogMs = 200;

/** How fast calls are made: as fast as they are answered, or so many a second. */
type Pace = { readonly kind: "unbounded" | "stopped" } | { kind: "paced"; perSecond: number };

/** Unary calls over ten connections, at a given pace. */
export class CallLoad {
  readonly #workload: Workload;
  readonly #latency: RecordableHistogram = createHistogram();
  readonly #failure = Promise.withResolvers<never>();
  #connections: MixedConnection[] = [];
  #pace: Pace = { kind: "stopped" };
  #allowed = 0;
  #lastPortionAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #preload = 0;
  #answered = 0;

  private constructor(workload: Workload) {
    this.#workload = workload;
    // Whoever waits hears of it; nobody may be waiting at the moment.
    this.#failure.promise.catch(() => {});
  }

  static async open(port: number, workload: Workload): Promise<CallLoad> {
    const load = new CallLoad(workload);
    const source = {
      next: () => load.#next(),
      ended: (micros: number) => {
        load.#answered += 1;
        load.#latency.record(Math.max(1, Math.round(micros)));
      },
      failed: load.#failure.reject,
    };
    const opening = Array.from({ length: connectionCount }, () =>
      MixedConnection.open(port, inFlightPerConnection, source),
    );
    load.#connections = await Promise.all(opening);
    return load;
  }

  /** Never resolves; rejects when a connection breaks. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  get answered(): number {
    return this.#answered;
  }

  /** The 99th percentile of what was answered since the last call of this, in milliseconds. */
  takeLatencyP99Ms(): number {
    const p99 = this.#latency.percentile(99) / 1000;
    this.#latency.reset();
    return p99;
  }

  /** Stores every key once. */
  async preload(): Promise<void> {
    this.#preload = keyCount;
    this.unbounded();
    await this.#until(() => this.#answered >= keyCount);
    await this.stop();
  }

  unbounded(): void {
    this.#start({ kind: "unbounded" });
  }

  paced(perSecond: number): void {
    this.#allowed = 0;
    this.#start({ kind: "paced", perSecond });
  }

  /** Makes no more calls and waits for those in flight. */
  async stop(): Promise<void> {
    this.#pace = { kind: "stopped" };
    await this.#until(() => this.#connections.every(({ inFlight }) => inFlight === 0));
    clearInterval(this.#timer);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.close();
  }

  #start(pace: Pace): void {
    this.#pace = pace;
    this.#lastPortionAt = performance.now();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#portion(), portionMs);
    for (const connection of this.#connections) connection.pump();
  }

  #portion(): void {
    const now = performance.now();
    if (this.#pace.kind === "paced") {
      const { perSecond } = this.#pace;
      const more = ((now - this.#lastPortionAt) / 1000) * perSecond;
      this.#allowed = Math.min(this.#allowed + more, (backlogMs / 1000) * perSecond);
    }
    this.#lastPortionAt = now;
    for (const connection of this.#connections) connection.pump();
  }

  #next(): LoadCall | undefined {
    if (this.#pace.kind === "stopped") return undefined;
    if (this.#preload > 0) {
      this.#preload -= 1;
      return this.#workload.put(keyAt(this.#preload));
    }
    if (this.#pace.kind === "paced") {
      if (this.#allowed < 1) return undefined;
      this.#allowed -= 1;
    }
    return this.#workload.next();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const turn = new Promise<void>((resolve) => setTimeout(resolve, portionMs));
      await Promise.race([turn, this.#failure.promise]);
    }
  }
}
