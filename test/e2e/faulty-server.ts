// SPDX-License-Identifier: Apache-2.0
//
// The server with a disk that fails: `faulty-server.ts operation:path-part:after:code flag…`.

import { runServer } from "../../src/commands/server/run.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { osRandom } from "../../src/platform/os-random.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { startEtcd } from "../../src/server/embed/index.ts";
import { FaultyDisk } from "../harness/faulty-disk.ts";

const [fault = "", ...words] = process.argv.slice(2);
const [operation, pathPart = "", after = "0", code = "EIO"] = fault.split(":");
const disk = new FaultyDisk(new NodeDisk(), {
  operation: operation === "write" ? "write" : "datasync",
  pathPart,
  after: Number(after),
  code,
});
const outside = { disk, clock: systemClock, random: osRandom };
const { env: environment, stdout, stderr } = process;
const exit = await runServer(
  words,
  { environment, stdout, stderr, programName: "etcd" },
  { start: (config, logger) => startEtcd(config, logger, outside), signals: process },
);
process.exit(exit);
