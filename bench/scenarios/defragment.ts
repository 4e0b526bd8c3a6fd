// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from "node:timers/promises";
import { KVService, MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../../test/harness/grpc-client.ts";
import type { ServerCommand } from "../../test/harness/server-command.ts";
import { ServerProcess } from "../../test/harness/server-process.ts";
import { keyAt, preload } from "../rows.ts";
import { localReadsUntil } from "./local-reads.ts";
import { callMany, currentRevision } from "./preload.ts";
import type { Figure, Scenario, Size } from "./scenario.ts";
import { putsUntil } from "./steady-load.ts";

/** The share of the size that there are keys, and how often each is written. */
const keyShare = 1 / 5;
const revisionsPerKey = 3;
const load = { connections: 10, inFlight: 1 };
const patience = { deadlineMs: 600_000 };

/** A store of which two thirds are free pages. */
async function fill(server: ServerProcess, client: GrpcClient, keyCount: number): Promise<void> {
  await callMany(server, keyCount * revisionsPerKey, {
    path: preload.path,
    answerBytesMin: preload.answerBytesMin,
    frameAt: (at) => preload.frame(keyAt(at % keyCount)),
  });
  const revision = await currentRevision(server);
  await client.unary(KVService.compact, { revision, physical: true }, patience);
}

/** A fresh server each round: what is free is given back. */
async function defragmentRound(command: ServerCommand, size: Size): Promise<readonly Figure[]> {
  const server = await ServerProcess.start(command, { parentDir: size.parentDir });
  const client = new GrpcClient(server.endpoint);
  const status = () => client.unary(MaintenanceService.status, {}, patience);
  try {
    const keyCount = Math.ceil(size.keys * keyShare);
    await fill(server, client, keyCount);
    const before = await putsUntil(server, load, keyCount, delay(size.seconds * 1000));
    const { dbSize } = await status();
    let took = 0;
    const startedAt = performance.now();
    const done = client.unary(MaintenanceService.defragment, {}, patience).then(() => {
      took = performance.now() - startedAt;
    });
    const [during, reads] = await Promise.all([
      putsUntil(server, load, keyCount, done),
      localReadsUntil({ port: server.ports.client, keyCount }, done),
    ]);
    const left = (await status()).dbSize / dbSize;
    return [
      { row: "defragmenting: put p99 before", value: before.p99Micros / 1000, ...inMs },
      { row: "defragmenting: put p99 meanwhile", value: during.p99Micros / 1000, ...inMs },
      { row: "defragmenting: slowest put before", value: before.maxMicros / 1000, ...inMs },
      { row: "defragmenting: slowest put", value: during.maxMicros / 1000, ...inMs },
      { row: "defragmenting: slowest local read", value: reads.maxMicros / 1000, ...inMs },
      { row: "defragmenting: until it is done", value: took, ...inMs },
      { row: "defragmenting: size left", value: left, unit: "×", wants: "less" },
    ];
  } finally {
    client.close();
    await server.dispose();
  }
}

const inMs = { unit: "ms", wants: "less" } as const;

/** The space of two hundred thousand keys is given back under load. */
export const defragment: Scenario = {
  name: "defragment",
  asked: {
    "defragmenting: slowest put": "≤ 50 ms more",
    "defragmenting: slowest local read": "≤ 50 ms",
  },
  open: (command, size) =>
    Promise.resolve({
      round: () => defragmentRound(command, size),
      dispose: () => Promise.resolve(),
    }),
};
