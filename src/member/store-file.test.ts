// SPDX-License-Identifier: Apache-2.0

import { statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { openLmdbBackend } from "../core/backend/index.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { findStoreDamage } from "./store-file.ts";

const disk = new NodeDisk();

async function writtenStore(rows: number): Promise<string> {
  const directory = join(tempDir(), "store");
  const backend = await openLmdbBackend(directory);
  for (let row = 0; row < rows; row++) {
    backend.put("meta", Buffer.from(`row ${row}`), Buffer.alloc(300));
    if (row % 100 === 99) await backend.commit();
  }
  await backend.commit();
  await backend.close();
  return join(directory, "data.mdb");
}

test.each([0, 1, 1000])("a store of %d rows is sound", async (rows) => {
  expect(findStoreDamage(disk, await writtenStore(rows))).toBeUndefined();
});

test("a missing and an empty file are a store to be", () => {
  const path = join(tempDir(), "data.mdb");
  expect(findStoreDamage(disk, path)).toBeUndefined();
  writeFileSync(path, "");
  expect(findStoreDamage(disk, path)).toBeUndefined();
});

test.each(["short", "x".repeat(20_000)])("other bytes are no store", (text) => {
  const path = join(tempDir(), "data.mdb");
  writeFileSync(path, text);
  expect(findStoreDamage(disk, path)).toContain("is not a store of this program");
});

test("a second page that is zero, and an end that is missing, are named", async () => {
  const path = await writtenStore(1000);
  truncateSync(path, 8192);
  expect(findStoreDamage(disk, path)).toContain("was cut off at 8192 bytes");
  truncateSync(path, 4096);
  truncateSync(path, statSync(path).size * 2);
  expect(findStoreDamage(disk, path)).toContain("the second page");
});
