// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import type { ServerCommand } from "../../test/harness/server-command.ts";
import { ServerProcess } from "../../test/harness/server-process.ts";
import { keyAt, type Row } from "../rows.ts";
import { burst, burstPlan } from "./burst.ts";
import { messageOf, putKeys } from "./preload.ts";
import type { Bout, Scenario, Size } from "./scenario.ts";

const listedKeys = 1000;
const pairBytesMin = 256;

const row: Row = {
  name: "list/10x1",
  operation: {
    name: "list",
    path: KVService.range.path,
    isWrite: false,
    answerBytesMin: listedKeys * pairBytesMin,
    frame: () =>
      messageOf(KVService.range, {
        key: keyAt(0),
        rangeEnd: keyAt(listedKeys),
        serializable: true,
      }),
  },
  shape: { connections: 10, inFlight: 1 },
};

/** Lists of a thousand keys, as a controller makes them that starts. */
export const list: Scenario = {
  name: "list",
  asked: { "list of 1,000 keys, 10 connections": "≥ 2×" },
  async open(command: ServerCommand, { parentDir, seconds }: Size): Promise<Bout> {
    const server = await ServerProcess.start(command, { parentDir });
    return {
      async round() {
        await putKeys(server, listedKeys);
        const sample = await burst(server, row, burstPlan(seconds));
        const { requestsPerSecond: value, cpuMicrosPerRequest: cpu } = sample;
        return [
          { row: "list of 1,000 keys, 10 connections", value, unit: "/s", wants: "more" },
          { row: "list: CPU of the server for one", value: cpu, unit: "µs", wants: "less" },
        ];
      },
      dispose: () => server.dispose(),
    };
  },
};
