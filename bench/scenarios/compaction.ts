// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from "node:timers/promises";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../../test/harness/grpc-client.ts";
import type { ServerCommand } from "../../test/harness/server-command.ts";
import { ServerProcess } from "../../test/harness/server-process.ts";
import type { LatencySummary } from "../latency.ts";
import { keyAt, preload } from "../rows.ts";
import { localReadsUntil } from "./local-reads.ts";
import { LoopProbe, type Standstills } from "./loop-probe.ts";
import { callMany, currentRevision } from "./preload.ts";
import type { Figure, Scenario, Size } from "./scenario.ts";
import { putsUntil } from "./steady-load.ts";

const revisionsPerKey = 10;
const putShape = { connections: 10, inFlight: 1 };

interface Latencies {
  readonly puts: LatencySummary;
  readonly reads: LatencySummary;
}

/** Puts, and beside them reads that no disk delays: those show how long the server stands still. */
async function load(
  server: ServerProcess,
  keyCount: number,
  until: Promise<unknown>,
): Promise<Latencies> {
  const [puts, reads] = await Promise.all([
    putsUntil(server, putShape, keyCount, until),
    localReadsUntil({ port: server.ports.client, keyCount }, until),
  ]);
  return { puts, reads };
}

function figures(when: string, { puts, reads }: Latencies): readonly Figure[] {
  const figure = (what: string, micros: number): Figure => {
    return { row: `compacting: ${what} ${when}`, value: micros / 1000, unit: "ms", wants: "less" };
  };
  return [
    figure("put p99", puts.p99Micros),
    figure("slowest put", puts.maxMicros),
    figure("slowest local read", reads.maxMicros),
  ];
}

/** Of our own server only. */
function insideFigures({ turn, ownTurn, collection }: Standstills): readonly Figure[] {
  const figure = (what: string, value: number): Figure => {
    return { row: `compacting: longest ${what}`, value, unit: "ms", wants: "less" };
  };
  return [
    figure("turn meanwhile", turn),
    figure("turn without waits for a processor", ownTurn),
    figure("collection", collection),
  ];
}

/** A fresh server each round: what is compacted is gone. */
async function compactionRound(command: ServerCommand, size: Size): Promise<readonly Figure[]> {
  const probe = LoopProbe.into(command, size.parentDir);
  const server = await ServerProcess.start(probe?.command ?? command, {
    parentDir: size.parentDir,
  });
  const client = new GrpcClient(server.endpoint);
  try {
    const keyCount = Math.ceil(size.keys / revisionsPerKey);
    await callMany(server, size.keys, {
      path: preload.path,
      answerBytesMin: preload.answerBytesMin,
      frameAt: (at) => preload.frame(keyAt(at % keyCount)),
    });
    const revision = await currentRevision(server);
    const before = await load(server, keyCount, delay(size.seconds * 1000));
    await probe?.read();
    let compacted = 0;
    const startedAt = performance.now();
    const done = client
      .unary(KVService.compact, { revision, physical: true }, { deadlineMs: 600_000 })
      .then(() => {
        compacted = performance.now() - startedAt;
      });
    const during = await load(server, keyCount, done);
    const inside = await probe?.read();
    return [
      ...figures("before", before),
      ...figures("meanwhile", during),
      { row: "compacting: until it is done", value: compacted, unit: "ms", wants: "less" },
      ...(inside === undefined ? [] : insideFigures(inside)),
    ];
  } finally {
    client.close();
    await server.dispose();
    probe?.dispose();
  }
}

/** A million revisions of a hundred thousand keys are compacted under load. */
export const compaction: Scenario = {
  name: "compaction",
  asked: {
    "compacting: put p99 meanwhile": "≤ 1.0×",
    "compacting: longest turn meanwhile": "≤ 20 ms",
    "compacting: longest turn without waits for a processor": "≤ 20 ms",
  },
  open: (command, size) =>
    Promise.resolve({
      round: () => compactionRound(command, size),
      dispose: () => Promise.resolve(),
    }),
};
