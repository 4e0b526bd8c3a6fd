// SPDX-License-Identifier: Apache-2.0
// npm run soak -- [--minutes 10] [--share 0.8] [--seed N] [--subject etcdx|etcd|"a command line"]

import { parseArgs } from "node:util";
import { resolveServer } from "../harness/server-command.ts";
import { judge } from "./report.ts";
import { runSoak } from "./soak.ts";

const peakSeconds = 10;
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    share: { type: "string", default: "0.8" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    subject: { type: "string", default: "etcdx" },
  },
});
const command = resolveServer(values.subject);
if (command === undefined) throw new Error(`the server ${values.subject} is not here`);
const minutes = Number(values.minutes);
const share = Number(values.share);
const seed = Number(values.seed);
if (!(minutes > 0) || !(share > 0 && share <= 1) || !(seed >= 0)) {
  throw new Error("--minutes, --share (above 0, at most 1) and --seed want numbers");
}
console.log(`soak: ${command.name}, ${minutes} min at ${share} of the peak, seed ${seed}`);
let nextLineSeconds = 0;
const result = await runSoak({
  command,
  minutes,
  share,
  seed,
  peakSeconds,
  onSample: (sample) => {
    if (sample.seconds < nextLineSeconds) return;
    nextLineSeconds = sample.seconds + 25;
    const delay = sample.loopDelayP99Ms;
    console.log(
      `  ${sample.seconds.toFixed(0)} s: ${Math.round(sample.requestsPerSecond)} req/s, ` +
        `p99 ${sample.latencyP99Ms.toFixed(1)} ms, resident ${sample.residentMib.toFixed(0)} MiB ` +
        `(${sample.anonymousMib.toFixed(0)} of its own)` +
        (delay === undefined ? "" : `, loop delay p99 ${delay.toFixed(1)} ms`),
    );
  },
});
const { lines, isPassed } = judge(result);
console.log(`soak: peak ${Math.round(result.peakPerSecond)} requests/s`);
for (const line of lines) console.log(`soak: ${line}`);
console.log(`soak: ${isPassed ? "passed" : "failed"}`);
process.exitCode = isPassed ? 0 : 1;
