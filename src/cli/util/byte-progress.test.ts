// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { MemoryTerminal } from "../../../test/golden/run-ctl.ts";
import { ByteProgress, progressLine } from "./byte-progress.ts";

class Screen extends MemoryTerminal {
  columns: number | undefined = 80;
  override errorColumns(): number | undefined {
    return this.columns;
  }
}

function progress() {
  const world = { nowMs: 5000, screen: new Screen() };
  return { world, shown: new ByteProgress(world.screen, () => world.nowMs) };
}

test("bytes, share, rate and time left are told", () => {
  const line = progressLine({ done: 120_000_000, total: 752_000_000, seconds: 1.5 });
  expect(line).toBe("120 MB of 752 MB, 15%, 80 MB/s, 8s left");
  expect(progressLine({ done: 0, total: 0, seconds: 0 })).toBe("0 B of 0 B");
});

test("the line is drawn five times a second, over the one before, and taken away at the end", () => {
  const { world, shown } = progress();
  shown.update(1_000_000, 4_000_000);
  world.nowMs += 200;
  shown.update(2_000_000, 4_000_000);
  world.nowMs += 199;
  shown.update(3_000_000, 4_000_000);
  expect(world.screen.stderr).toBe("\r\u001b[K2.0 MB of 4.0 MB, 50%, 10 MB/s, 1s left");
  world.nowMs += 1;
  shown.update(3_000_000, 4_000_000);
  shown.finish();
  shown.finish();
  expect(world.screen.stderr.split("\r\u001b[K").slice(2)).toEqual([
    "3.0 MB of 4.0 MB, 75%, 7.5 MB/s, 1s left",
    "",
  ]);
});

test("a narrow terminal gets a part of the line, no terminal nothing", () => {
  const { world, shown } = progress();
  world.nowMs += 200;
  world.screen.columns = 10;
  shown.update(2_000_000, 4_000_000);
  expect(world.screen.stderr).toBe("\r\u001b[K2.0 MB of");
  world.screen.columns = undefined;
  world.nowMs += 200;
  shown.update(3_000_000, 4_000_000);
  expect(world.screen.stderr.length).toBe(13);
});
