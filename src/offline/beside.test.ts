// SPDX-License-Identifier: Apache-2.0

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { Beside } from "./beside.ts";
import { OfflineError } from "./errors.ts";

const disk = new NodeDisk();

test("who builds a directory that somebody else builds is told so, and does not disturb", async () => {
  const folder = tempDir();
  const target = join(folder, "made");
  const first = await Beside.open(disk, target);
  writeFileSync(join(first.path, "half"), "");
  const second = Beside.open(disk, target);
  await expect(second).rejects.toThrow(
    new OfflineError(
      `${target}.unfinished is in use by process ${process.pid}, which builds the same directory; ` +
        "wait for it, or stop it",
    ),
  );
  expect(readdirSync(first.path)).toEqual(["half"]);
  first.place();
  await first.close();
  expect(readdirSync(folder)).toEqual(["made"]);
});

test("what cannot be cleared away can be built again", async () => {
  class Stuck extends NodeDisk {
    isStuck = false;
    override removeTree(path: string): void {
      if (this.isStuck) throw new Error("stuck");
      super.removeTree(path);
    }
  }
  const stuck = new Stuck();
  const target = join(tempDir(), "made");
  const first = await Beside.open(stuck, target);
  stuck.isStuck = true;
  await expect(first.close()).rejects.toThrow("stuck");
  const second = await Beside.open(disk, target);
  expect(readdirSync(second.path)).toEqual([]);
  await second.close();
});
