// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { letOthersIn } from "./thread-priority.ts";

test.runIf(process.platform === "linux")(
  "a thread steps back, and the process does not",
  async () => {
    const module = new URL("./thread-priority.ts", import.meta.url).href;
    const code = `
    import { getPriority } from "node:os";
    import { parentPort } from "node:worker_threads";
    const { yieldToOtherThreads } = await import(${JSON.stringify(module)});
    yieldToOtherThreads();
    parentPort.postMessage(getPriority());`;
    const before = getPriority(process.pid);
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    const [priority] = await once(worker, "message");
    await worker.terminate();
    expect(priority).toBe(Math.max(before, 3));
    expect(getPriority(process.pid)).toBe(before);
  },
);

test("a rest is short, and one", () => {
  const start = performance.now();
  for (let rest = 0; rest < 40; rest++) letOthersIn();
  // 50 microseconds each, by a clock that may be coarse.
  expect(performance.now() - start).toBeGreaterThan(1);
});
