// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../../test/harness/grpc-client.ts";
import type { ServerCommand } from "../../test/harness/server-command.ts";
import { ServerProcess } from "../../test/harness/server-process.ts";
import { keyAt, preload } from "../rows.ts";
import { callMany, currentRevision } from "./preload.ts";
import type { Figure, Scenario, Size } from "./scenario.ts";
import { putsUntil } from "./steady-load.ts";

const revisionsPerKey = 10;
const load = { connections: 10, inFlight: 1 };

/** A fresh server each round: what is compacted is gone. */
async function compactionRound(command: ServerCommand, size: Size): Promise<readonly Figure[]> {
  const server = await ServerProcess.start(command, { parentDir: size.parentDir });
  const client = new GrpcClient(server.endpoint);
  try {
    const keyCount = Math.ceil(size.keys / revisionsPerKey);
    await callMany(server, size.keys, {
      path: preload.path,
      answerBytesMin: preload.answerBytesMin,
      frameAt: (at) => preload.frame(keyAt(at % keyCount)),
    });
    const revision = await currentRevision(server);
    let compacted = 0;
    const startedAt = performance.now();
    const done = client
      .unary(KVService.compact, { revision, physical: true }, { deadlineMs: 600_000 })
      .then(() => {
        compacted = performance.now() - startedAt;
      });
    const { p99Micros, maxMicros } = await putsUntil(server, load, keyCount, done);
    return [
      { row: "compacting: put p99 meanwhile", value: p99Micros / 1000, unit: "ms", wants: "less" },
      { row: "compacting: slowest put", value: maxMicros / 1000, unit: "ms", wants: "less" },
      { row: "compacting: until it is done", value: compacted, unit: "ms", wants: "less" },
    ];
  } finally {
    client.close();
    await server.dispose();
  }
}

/** A million revisions of a hundred thousand keys are compacted under load. */
export const compaction: Scenario = {
  name: "compaction",
  asked: { "compacting: put p99 meanwhile": "≤ 1.0×", "compacting: slowest put": "≤ 20 ms" },
  open: (command, size) =>
    Promise.resolve({
      round: () => compactionRound(command, size),
      dispose: () => Promise.resolve(),
    }),
};
