// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../../test/harness/grpc-client.ts";
import type { ServerCommand } from "../../test/harness/server-command.ts";
import { ServerProcess } from "../../test/harness/server-process.ts";
import { preload, type Row } from "../rows.ts";
import { burst, burstPlan, scatteredPlan } from "./burst.ts";
import { putKeys } from "./preload.ts";
import type { Bout, Figure, Scenario, Size } from "./scenario.ts";

const deadlineMs = 60_000;
const open = new Uint8Array(1);
const largeReads = 5;
const pageReads = 50;
const putRow: Row = {
  name: "put/100x10",
  operation: preload,
  shape: { connections: 100, inFlight: 10 },
};

function residentMegabytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "latin1");
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status is not understood:\n${text}`);
  return Number(kilobytes) / 1024;
}

/** Mean milliseconds of a serializable range over everything. */
async function rangeMillis(
  server: ServerProcess,
  times: number,
  options: { readonly countOnly?: boolean; readonly limit?: number },
): Promise<number> {
  const client = new GrpcClient(server.endpoint);
  try {
    const request = { key: open, rangeEnd: open, serializable: true, ...options };
    await client.unary(KVService.range, request, { deadlineMs });
    const startedAt = performance.now();
    for (let at = 0; at < times; at++) await client.unary(KVService.range, request, { deadlineMs });
    return (performance.now() - startedAt) / times;
  } finally {
    client.close();
  }
}

/** Restarts, and reads over everything. */
class MillionBout implements Bout {
  #server: ServerProcess;

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  async round(): Promise<readonly Figure[]> {
    const restart = await this.#restart();
    const resident = residentMegabytes(this.#server.pid);
    const count = await rangeMillis(this.#server, largeReads, { countOnly: true });
    const page = await rangeMillis(this.#server, pageReads, { limit: 500 });
    return [
      { row: "restart to the first linearizable read", value: restart, unit: "ms", wants: "less" },
      { row: "resident memory then", value: resident, unit: "MB", wants: "less" },
      { row: "count of all keys", value: count, unit: "ms", wants: "less" },
      { row: "the first 500 of all keys", value: page, unit: "ms", wants: "less" },
    ];
  }

  async dispose(): Promise<void> {
    await this.#server.dispose();
  }

  /** Killed, not stopped: what a start has to make up for is part of the figure. */
  async #restart(): Promise<number> {
    const { command, dataDir, ports } = this.#server;
    await this.#server.kill("SIGKILL");
    const startedAt = performance.now();
    this.#server = await ServerProcess.start(command, { dataDir, ports, ownsDataDir: true });
    return performance.now() - startedAt;
  }
}

/** Puts beside the keys: each round also on an empty server, so that both have the same minute. */
class PutBout implements Bout {
  readonly #size: Size;
  readonly #server: ServerProcess;

  constructor(server: ServerProcess, size: Size) {
    this.#server = server;
    this.#size = size;
  }

  async round(): Promise<readonly Figure[]> {
    const { parentDir, seconds, keys } = this.#size;
    const empty = await ServerProcess.start(this.#server.command, { parentDir });
    try {
      const one = burstPlan(seconds);
      // Here, there, there, here: what drifts meanwhile is on both sides.
      const first = await burst(this.#server, putRow, one);
      const second = await burst(empty, putRow, one);
      const third = await burst(empty, putRow, one);
      const fourth = await burst(this.#server, putRow, one);
      const many = scatteredPlan(seconds, keys);
      const manyHere = await burst(this.#server, putRow, many);
      const cpu = manyHere.cpuMicrosPerRequest;
      const here = (first.requestsPerSecond + fourth.requestsPerSecond) / 2;
      const ratio = (2 * here) / (second.requestsPerSecond + third.requestsPerSecond);
      return [
        { row: "put 100×10 beside the keys", value: here, unit: "/s", wants: "more" },
        { row: "the same over its own empty server", value: ratio, unit: "×", wants: "more" },
        { row: "put over all keys at random: CPU", value: cpu, unit: "µs", wants: "less" },
      ];
    } finally {
      await empty.dispose();
    }
  }

  dispose(): Promise<void> {
    return this.#server.dispose();
  }
}

async function withKeys(
  command: ServerCommand,
  size: Size,
  bout: (server: ServerProcess) => Bout,
): Promise<Bout> {
  const server = await ServerProcess.start(command, { parentDir: size.parentDir });
  try {
    await putKeys(server, size.keys);
    return bout(server);
  } catch (error) {
    await server.dispose();
    throw error;
  }
}

/** A member that holds a million keys of 256 bytes. */
export const million: Scenario = {
  name: "million",
  asked: {
    "restart to the first linearizable read": "≤ 0.3×",
    "resident memory then": "≤ 0.5×",
    "count of all keys": "≤ 1.0×",
    "the first 500 of all keys": "≤ 1.0×",
  },
  open: (command, size) => withKeys(command, size, (server) => new MillionBout(server)),
};

/** The same, written to. */
export const millionPuts: Scenario = {
  name: "million-puts",
  asked: { "the same over its own empty server": "≥ 0.9 of its own" },
  open: (command, size) => withKeys(command, size, (server) => new PutBout(server, size)),
};
