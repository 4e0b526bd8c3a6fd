// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { expect, test } from "vitest";
import { SeededRandom } from "../../test/harness/seeded-random.ts";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { isThorough } from "../../test/harness/thorough.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { StagedRows } from "./staged-rows.ts";

const disk = new NodeDisk();

function stagedIn(folder: string, segmentBytes: number): StagedRows {
  return new StagedRows(disk.open(join(folder, "scratch"), "create"), segmentBytes);
}

function put(rows: StagedRows, table: number, key: string, value: string): void {
  const bytes = Buffer.from(value);
  const at = rows.begin(table, Buffer.from(key), bytes.length);
  rows.buffer.set(bytes, at);
  rows.end(at + bytes.length);
}

test("staged rows are read by key on the way and come out in order, as a map would have them", () => {
  for (let seed = 0; seed < (isThorough ? 20 : 8); seed++) {
    const random = new SeededRandom(seed);
    const rows = stagedIn(tempDir(), 1 << 14);
    const twin = new Map<string, string>();
    for (let step = 0; step < 3000; step++) {
      const table = random.intBelow(2);
      const depth = "long/prefix/".repeat(random.intBelow(3));
      const key = `${depth}${random.intBelow(400)}`;
      const name = `${table}${key}`;
      if (random.chance(20)) {
        rows.delete(table, Buffer.from(key));
        twin.delete(name);
      } else if (random.chance(30)) {
        const found = rows.get(table, Buffer.from(key));
        const text = found === undefined ? undefined : Buffer.from(found).toString();
        expect(text, `seed ${seed}`).toBe(twin.get(name));
      } else {
        const value = `${step}${"v".repeat(random.intBelow(random.chance(3) ? 6000 : 60))}`;
        put(rows, table, key, value);
        twin.set(name, value);
      }
    }
    const drained: [string, string][] = [];
    for (const { rows: merge } of rows.drain()) {
      while (merge.next()) {
        const bytes = Buffer.from(merge.bytes);
        const name = bytes.subarray(merge.keyStart, merge.keyEnd);
        const value = bytes.subarray(merge.keyEnd, merge.valueEnd);
        drained.push([`${name[0]}${name.subarray(1)}`, value.toString()]);
      }
    }
    expect(drained, `seed ${seed}`).toEqual([...twin].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
});
