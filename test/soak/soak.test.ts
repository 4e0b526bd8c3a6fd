// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { anyServer } from "../harness/server-command.ts";
import { judge } from "./report.ts";
import { runSoak } from "./soak.ts";

const command = anyServer();
if (command === undefined) console.log("soak: no server here, it is left out");

test.runIf(command !== undefined)(
  "a few seconds of mixed load go by without a refusal",
  async () => {
    if (command === undefined) return;
    const result = await runSoak({ command, minutes: 0.05, share: 0.3, seed: 3, peakSeconds: 0.5 });
    expect(result.refused).toBe(0);
    expect(result.peakPerSecond).toBeGreaterThan(0);
    expect(result.requests).toBeGreaterThan(0);
    expect(result.events).toBeGreaterThan(0);
    expect(result.renewals).toBeGreaterThan(0);
    const [sample] = result.samples;
    expect(sample?.residentMib).toBeGreaterThan(sample?.anonymousMib ?? Number.NaN);
    if (command.name === "etcdx") expect(sample?.loopDelayP99Ms).toBeGreaterThanOrEqual(0);
    expect(judge(result).lines.length).toBeGreaterThan(0);
  },
  60_000,
);
