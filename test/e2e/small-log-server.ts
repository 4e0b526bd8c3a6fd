// SPDX-License-Identifier: Apache-2.0
//
// The server with log segments of a few kilobytes: `small-log-server.ts bytes flag…`.

import { runServer } from "../../src/commands/server/run.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { osRandom } from "../../src/platform/os-random.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { startEtcd } from "../../src/server/embed/index.ts";

const [bytes = "", ...words] = process.argv.slice(2);
const wal = { segmentBytes: Number(bytes) };
const outside = { disk: new NodeDisk(), clock: systemClock, random: osRandom, wal };
const { env: environment, stdout, stderr } = process;
const exit = await runServer(
  words,
  { environment, stdout, stderr, programName: "etcd" },
  { start: (config, logger) => startEtcd(config, logger, outside), signals: process },
);
process.exit(exit);
