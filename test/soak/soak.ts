// SPDX-License-Identifier: Apache-2.0
// A server under mixed load for minutes: it must not grow, and its loop must not stall.

import { setTimeout as delay } from "node:timers/promises";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import type { ServerCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { CallLoad } from "./call-load.ts";
import { loopDelayP99Ms, memoryOf } from "./server-stats.ts";
import { StreamLoad } from "./stream-load.ts";
import { keyAt, Workload } from "./workload.ts";

export interface SoakOptions {
  readonly command: ServerCommand;
  readonly minutes: number;
  /** The part of the peak at which the load is held, above 0 and at most 1. */
  readonly share: number;
  readonly seed: number;
  /** How long the peak is measured, and as long before to warm up. */
  readonly peakSeconds: number;
  readonly onSample?: (sample: SoakSample) => void;
}

/** One sample; memory in MiB, times in milliseconds. */
export interface SoakSample {
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly latencyP99Ms: number;
  readonly residentMib: number;
  readonly anonymousMib: number;
  readonly loopDelayP99Ms: number | undefined;
}

export interface SoakResult {
  readonly peakPerSecond: number;
  readonly requests: number;
  readonly refused: number;
  readonly events: number;
  readonly renewals: number;
  readonly samples: readonly SoakSample[];
}

const sampleMs = 5_000;
const compactionMs = 10_000;
/** This many seconds of history are left by a compaction. */
const historySeconds = 10;
const replaceWatchersMs = 20_000;
const slowReaderMs = 30_000;
const slowReaderReadsMs = 500;

export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const server = await ServerProcess.start(options.command);
  try {
    const soak = await Soak.open(server, options);
    try {
      return await soak.run();
    } finally {
      soak.close();
    }
  } finally {
    await server.dispose();
  }
}

class Soak {
  readonly #server: ServerProcess;
  readonly #options: SoakOptions;
  readonly #workload: Workload;
  readonly #calls: CallLoad;
  readonly #streams: StreamLoad;
  readonly #client: GrpcClient;
  readonly #samples: SoakSample[] = [];
  readonly #stop = new AbortController();

  private constructor(
    server: ServerProcess,
    options: SoakOptions,
    load: { workload: Workload; calls: CallLoad; streams: StreamLoad },
  ) {
    this.#server = server;
    this.#options = options;
    this.#workload = load.workload;
    this.#calls = load.calls;
    this.#streams = load.streams;
    this.#client = new GrpcClient(server.endpoint);
  }

  static async open(server: ServerProcess, options: SoakOptions): Promise<Soak> {
    const random = new SeededRandom(options.seed);
    const workload = new Workload(random);
    const calls = await CallLoad.open(server.ports.client, workload);
    await calls.preload();
    const streams = await StreamLoad.open(server.ports.client, random, workload);
    return new Soak(server, options, { workload, calls, streams });
  }

  async run(): Promise<SoakResult> {
    const chores = Promise.race([
      this.#calls.failed,
      this.#streams.failed,
      this.#every(compactionMs, () => this.#compact()),
      this.#every(replaceWatchersMs, async () => this.#streams.replaceOne(await this.#revision())),
      this.#every(slowReaderMs, () => this.#streams.drainSlow(slowReaderReadsMs)),
    ]);
    const peakPerSecond = await Promise.race([this.#peak(), chores]);
    if (peakPerSecond === undefined) throw new Error("the chores ended before the load");
    const before = this.#calls.answered;
    this.#calls.paced(peakPerSecond * this.#options.share);
    await Promise.race([this.#hold(), chores]);
    const requests = this.#calls.answered - before;
    await this.#calls.stop();
    this.#stop.abort();
    await chores;
    const { refused } = this.#workload;
    const { events, renewals } = this.#streams;
    return { peakPerSecond, requests, refused, events, renewals, samples: this.#samples };
  }

  close(): void {
    this.#stop.abort();
    this.#calls.close();
    this.#streams.close();
    this.#client.close();
  }

  /** Requests a second when as many are made as are answered. */
  async #peak(): Promise<number> {
    const { peakSeconds } = this.#options;
    this.#calls.unbounded();
    await delay(peakSeconds * 1000);
    const before = this.#calls.answered;
    const startedAt = performance.now();
    await delay(peakSeconds * 1000);
    const seconds = (performance.now() - startedAt) / 1000;
    const answered = this.#calls.answered - before;
    await this.#calls.stop();
    return answered / seconds;
  }

  /** Samples until the time is over. */
  async #hold(): Promise<void> {
    const durationMs = this.#options.minutes * 60_000;
    const startedAt = performance.now();
    let answered = this.#calls.answered;
    let sampledAt = startedAt;
    this.#calls.takeLatencyP99Ms();
    for (let isOver = false; !isOver; ) {
      await delay(Math.min(sampleMs, durationMs - (sampledAt - startedAt)));
      const now = performance.now();
      const { resident, anonymous } = memoryOf(this.#server);
      const sample: SoakSample = {
        seconds: (now - startedAt) / 1000,
        requestsPerSecond: ((this.#calls.answered - answered) / (now - sampledAt)) * 1000,
        latencyP99Ms: this.#calls.takeLatencyP99Ms(),
        residentMib: resident,
        anonymousMib: anonymous,
        loopDelayP99Ms: await loopDelayP99Ms(this.#server),
      };
      this.#samples.push(sample);
      this.#options.onSample?.(sample);
      answered = this.#calls.answered;
      sampledAt = now;
      isOver = now - startedAt >= durationMs;
    }
  }

  /** Does something again and again until the end; resolves then. */
  async #every(periodMs: number, chore: () => Promise<unknown>): Promise<undefined> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await delay(periodMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await chore();
    }
  }

  async #revision(): Promise<number> {
    const answer = await this.#client.unary(KVService.range, { key: keyAt(0) });
    return answer.header?.revision ?? 0;
  }

  /** Compacts up to what was current some time ago. */
  async #compact(): Promise<void> {
    const revision = await this.#revision();
    await delay(historySeconds * 1000, undefined, { signal: this.#stop.signal }).catch(() => {});
    if (!this.#stop.signal.aborted) await this.#client.unary(KVService.compact, { revision });
  }
}
