// SPDX-License-Identifier: Apache-2.0
// Runs the micro benchmark of the key space, tiny, so that it cannot rot.

import { expect, test, vi } from "vitest";
import { runMvccBench } from "../../bench/micro/mvcc.bench.ts";

test("the benchmark of the key space reads what it has written", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const figures = await runMvccBench(1000, 2000);
  expect(log.mock.calls.length).toBeGreaterThan(10);
  log.mockRestore();
  expect(figures.checksum).toBeGreaterThan(1000 * 256);
});
