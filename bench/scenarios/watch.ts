// SPDX-License-Identifier: Apache-2.0

import { WatchService } from "../../src/api/gen/etcdserverpb.ts";
import type { ServerCommand } from "../../test/harness/server-command.ts";
import { ServerProcess } from "../../test/harness/server-process.ts";
import { processCpuMicros } from "../process-cpu.ts";
import { keyAt, preload, type Row } from "../rows.ts";
import { burst, burstPlan } from "./burst.ts";
import { messageOf } from "./preload.ts";
import type { Bout, Figure, Scenario, Size } from "./scenario.ts";
import { putsUntil } from "./steady-load.ts";
import { StreamConnection } from "./stream-connection.ts";
import { countEvents } from "./watch-message.ts";

const streams = 10;
const fanWatchers = 1000;

/** A client with ten watch streams on one connection that counts what arrives. */
class WatchClient {
  readonly #connection: StreamConnection;
  readonly #failed: Promise<never>;
  #events = 0;
  #created = 0;
  #expected = 0;
  #reached: () => void = () => {};

  private constructor(connection: StreamConnection, failed: Promise<never>) {
    this.#connection = connection;
    this.#failed = failed;
  }

  /** Watches `keys[i]` with the i-th watcher, spread over the streams. */
  static async open(port: number, keys: readonly Uint8Array[]): Promise<WatchClient> {
    const failure = Promise.withResolvers<never>();
    // Whoever waits for something hears of it; nobody may be waiting at the moment.
    failure.promise.catch(() => {});
    const connection = await StreamConnection.open(port, failure.reject);
    const client = new WatchClient(connection, failure.promise);
    const opened = Array.from({ length: streams }, () =>
      connection.stream(WatchService.watch.path, (bytes, start, end) =>
        client.#onMessage(bytes, start, end),
      ),
    );
    for (const [at, key] of keys.entries()) {
      opened[at % streams]?.send(messageOf(WatchService.watch, { createRequest: { key } }));
    }
    await client.#until(() => client.#created >= keys.length);
    return client;
  }

  get events(): number {
    return this.#events;
  }

  /** Waits until so many events have come in all. */
  async received(count: number): Promise<void> {
    await this.#until(() => this.#events >= count);
  }

  close(): void {
    this.#connection.close();
  }

  async #until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#reached = resolve;
      await Promise.race([promise, this.#failed]);
    }
  }

  #onMessage(bytes: Buffer, start: number, end: number): void {
    const events = countEvents(bytes, start, end);
    if (events === 0) this.#created += 1;
    this.#events += events;
    this.#expected += 1;
    this.#reached();
  }
}

/** One writer, a thousand watchers of its key. */
class FanBout implements Bout {
  readonly #server: ServerProcess;
  readonly #seconds: number;

  constructor(server: ServerProcess, seconds: number) {
    this.#server = server;
    this.#seconds = seconds;
  }

  async round(): Promise<readonly Figure[]> {
    const { ports, pid } = this.#server;
    const client = await WatchClient.open(
      ports.client,
      Array.from({ length: fanWatchers }, () => keyAt(0)),
    );
    try {
      await this.#write(client, this.#seconds / 4);
      const eventsBefore = client.events;
      const cpuBefore = processCpuMicros(pid);
      const startedAt = performance.now();
      await this.#write(client, this.#seconds);
      const seconds = (performance.now() - startedAt) / 1000;
      const events = client.events - eventsBefore;
      const cpu = (processCpuMicros(pid) - cpuBefore) / events;
      return [
        {
          row: "1,000 watchers of a key: events",
          value: events / seconds,
          unit: "/s",
          wants: "more",
        },
        { row: "the same: CPU of the server per event", value: cpu, unit: "µs", wants: "less" },
      ];
    } finally {
      client.close();
    }
  }

  dispose(): Promise<void> {
    return this.#server.dispose();
  }

  /** Writes for some seconds and waits for every event of it. */
  async #write(client: WatchClient, seconds: number): Promise<void> {
    const before = client.events;
    const over = new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const shape = { connections: 1, inFlight: 1 };
    const { count } = await putsUntil(this.#server, shape, 1, over);
    await client.received(before + count * fanWatchers);
  }
}

export const watchFan: Scenario = {
  name: "watch-fan",
  asked: {
    "1,000 watchers of a key: events": "≥ 1.0×",
    "the same: CPU of the server per event": "≤ 0.5×",
  },
  async open(command: ServerCommand, { parentDir, seconds }: Size): Promise<Bout> {
    return new FanBout(await ServerProcess.start(command, { parentDir }), seconds);
  },
};

const putRow: Row = {
  name: "put/100x10",
  operation: preload,
  shape: { connections: 100, inFlight: 10 },
};

/** Ten thousand watchers that a write does not concern. */
export const watchMany: Scenario = {
  name: "watch-many",
  asked: { "put 100×10 over the same without watchers": "≥ 0.9 of its own" },
  async open(command: ServerCommand, { parentDir, seconds, watchers }: Size): Promise<Bout> {
    const server = await ServerProcess.start(command, { parentDir });
    const plan = burstPlan(seconds);
    return {
      async round() {
        const without = await burst(server, putRow, plan);
        const keys = Array.from({ length: watchers }, (_, at) => keyAt(at + 1));
        const client = await WatchClient.open(server.ports.client, keys);
        const { requestsPerSecond: value } = await burst(server, putRow, plan);
        client.close();
        const ratio = value / without.requestsPerSecond;
        return [
          { row: "put 100×10 beside 10,000 watchers", value, unit: "/s", wants: "more" },
          {
            row: "put 100×10 over the same without watchers",
            value: ratio,
            unit: "×",
            wants: "more",
          },
        ];
      },
      dispose: () => server.dispose(),
    };
  },
};
