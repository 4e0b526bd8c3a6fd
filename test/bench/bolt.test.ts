// SPDX-License-Identifier: Apache-2.0

import { expect, test, vi } from "vitest";
import { runBolt } from "../../bench/micro/bolt.bench.ts";

test("the database benchmark writes the same file each time", () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const figures = runBolt(500, { withGenuine: false });
  expect(runBolt(500, { withGenuine: false })).toEqual(figures);
  expect(figures).toMatchObject({ keys: 500, sizeBytes: 204_800 });
  expect(log).toHaveBeenCalledTimes(16);
  log.mockRestore();
});
