// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { MeteredDisk } from "./metered-disk.ts";

function folder(): string {
  const path = tempDir();
  mkdirSync(join(path, "log/below"), { recursive: true });
  writeFileSync(join(path, "log/1"), Buffer.alloc(300));
  writeFileSync(join(path, "log/2"), Buffer.alloc(200));
  writeFileSync(join(path, "db"), Buffer.alloc(1000));
  return path;
}

test("what is read counts against all that is to be read, as often as it is", () => {
  const path = folder();
  const told: (readonly [number, number])[] = [];
  const passes = [
    { path: join(path, "log"), times: 1 },
    { path: join(path, "db"), times: 2 },
    { path: join(path, "missing"), times: 3 },
  ];
  const disk = new MeteredDisk(new NodeDisk(), passes, (done, total) => told.push([done, total]));
  const log = disk.open(join(path, "log/1"), "read");
  expect(log.read(0, 1000).length).toBe(300);
  log.close();
  const database = disk.open(join(path, "db"), "read");
  expect(database.readInto(new Uint8Array(700), 0)).toBe(700);
  expect(database.readInto(new Uint8Array(700), 700)).toBe(300);
  for (let pass = 0; pass < 3; pass++) database.read(0, 1000);
  database.close();
  expect(told).toEqual([
    [300, 2500],
    [1000, 2500],
    [1300, 2500],
    [2300, 2500],
    [2500, 2500],
    [2500, 2500],
  ]);
});
