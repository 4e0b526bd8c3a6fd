// SPDX-License-Identifier: Apache-2.0

import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { SeededRandom } from "../../test/harness/seeded-random.ts";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { isThorough } from "../../test/harness/thorough.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { HEADER_BYTES } from "./run-records.ts";
import { type Sorter, SorterHere } from "./sorter.ts";
import { SorterBeside } from "./sorter-beside.ts";
import { StagedRows } from "./staged-rows.ts";

const disk = new NodeDisk();
const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const SEGMENT_BYTES = 1 << 14;
const sorters = {
  "in this thread": (path: string): Sorter =>
    new SorterHere(disk.open(path, "create"), SEGMENT_BYTES),
  "in a thread beside": (path: string): Sorter => new SorterBeside(path, SEGMENT_BYTES),
};

function staged(create: (path: string) => Sorter): StagedRows {
  const path = join(tempDir(), "scratch");
  writeFileSync(path, "");
  const sorter = create(path);
  open.push(sorter);
  return new StagedRows(disk.open(path, "read"), sorter);
}

function put(rows: StagedRows, table: number, key: string, value: string): void {
  const bytes = Buffer.from(value);
  const at = rows.begin(table, Buffer.from(key), bytes.length);
  rows.buffer.set(bytes, at);
  rows.end(at + bytes.length);
}

function drained(rows: StagedRows): [string, string][] {
  const found: [string, string][] = [];
  for (const { records, bytes, table } of rows.drain()) {
    for (let at = 0; at < bytes; at = records.end(at)) {
      const name = Buffer.from(records.bytes).subarray(at + HEADER_BYTES, records.keyEnd(at));
      const value = Buffer.from(records.bytes).subarray(records.keyEnd(at), records.valueEnd(at));
      expect(name[0]).toBe(table);
      found.push([`${name[0]}${name.subarray(1)}`, value.toString()]);
    }
  }
  return found;
}

test.each(Object.entries(sorters))(
  "rows staged and sorted %s are read by key on the way and come out in order, as of a map",
  (_, create) => {
    for (let seed = 0; seed < (isThorough ? 20 : 5); seed++) {
      const random = new SeededRandom(seed);
      const rows = staged(create);
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
      const expected = [...twin].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(drained(rows), `seed ${seed}`).toEqual(expected);
    }
  },
);

test.each(Object.entries(sorters))(
  "runs sorted %s come out in order though keys begin alike in each run and not in all",
  (_, create) => {
    const rows = staged(create);
    const prefixes = ["b/of/a/run", "b/of/another", "a", "b/of/a/row"];
    const keys = prefixes.flatMap((prefix) =>
      Array.from({ length: 400 }, (__, at) => `${prefix}/${(at * 7) % 400}`),
    );
    for (const key of keys) put(rows, 1, key, "v".repeat(60));
    expect(drained(rows).map(([name]) => name.slice(1))).toEqual(keys.toSorted());
  },
);

test.each(Object.entries(sorters))("nothing at all is staged and sorted %s", (_, create) => {
  expect(drained(staged(create))).toEqual([]);
});

test("what fails in the thread beside fails here, as an error of the disk", () => {
  const path = join(tempDir(), "scratch");
  closeSync(openSync(path, "w"));
  const sorter = new SorterBeside(`${path}.missing`, SEGMENT_BYTES);
  open.push(sorter);
  const rows = new StagedRows(disk.open(path, "read"), sorter);
  const fill = (): void => {
    for (let at = 0; at < 1000; at++) put(rows, 1, `key ${at}`, "v".repeat(100));
  };
  expect(fill).toThrow(expect.objectContaining({ name: "DiskError", code: "ENOENT" }));
});
