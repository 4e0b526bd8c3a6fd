// SPDX-License-Identifier: Apache-2.0
// Runs the micro benchmark of the log, tiny, so that it cannot rot.

import { expect, test } from "vitest";
import { runWalBench } from "../../bench/micro/wal.bench.ts";
import { tempDir } from "../harness/temp-dir.ts";

test("the benchmark of the log reads what it has appended", async () => {
  const { figures, entriesRead, bytesRead } = await runWalBench(tempDir(), 640, 1);
  expect(entriesRead).toBe(640);
  expect(bytesRead).toBe(640 * 300);
  expect(figures.map(({ row }) => row)).toContain("append, 64 at once");
  for (const { row, wall } of figures) expect(wall, row).toBeGreaterThan(0);
});
