// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { expect, test } from "vitest";
import { SeededRandom } from "../../../test/harness/seeded-random.ts";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import { isThorough } from "../../../test/harness/thorough.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import { type Backend, KEY_BYTES_MAX } from "./backend.ts";
import { LmdbLoad } from "./index.ts";
import { openLmdbBackend } from "./lmdb-backend.ts";
import { LmdbFile } from "./lmdb-file.ts";
import type { Table } from "./tables.ts";

const disk = new NodeDisk();
type Rows = ReadonlyMap<string, Buffer>;

async function loaded(tables: ReadonlyMap<Table, Rows>): Promise<string> {
  const directory = tempDir();
  await (await openLmdbBackend(directory)).close();
  const file = disk.open(join(directory, "data.mdb"), "write");
  const load = new LmdbLoad(file);
  const random = new SeededRandom(1);
  for (const [table, rows] of tables) {
    const tree = load.tree(table);
    for (const [key, value] of rows) {
      const bytes = Buffer.from(key, "latin1");
      const spare = random.intBelow(100);
      const at = random.chance(50) ? tree.begin(bytes, 0, bytes.length, value.length + spare) : -1;
      if (at < 0) {
        tree.add(bytes, 0, bytes.length, value, 0, value.length);
        continue;
      }
      tree.leaf.set(value, at);
      tree.end(at + value.length);
    }
  }
  load.finish();
  file.close();
  return directory;
}

function problemsOf(directory: string): string[] {
  const problems: string[] = [];
  const file = disk.open(join(directory, "data.mdb"), "read");
  new LmdbFile(file).check((problem) => problems.push(problem));
  file.close();
  return problems;
}

function rowsOf(backend: Backend, table: Table): Map<string, Buffer> {
  const rows = new Map<string, Buffer>();
  backend.scan(
    table,
    new Uint8Array(0),
    undefined,
    (keys, keyStart, keyEnd, values, start, end) => {
      const key = Buffer.from(keys.subarray(keyStart, keyEnd)).toString("latin1");
      rows.set(key, Buffer.from(values.subarray(start, end)));
      return true;
    },
  );
  return rows;
}

/** Rows in order, with keys and values of all sizes or of the one that is given. */
function randomRows(random: SeededRandom, count: number, keyBytes?: number): Rows {
  const names = Array.from({ length: count }, (_, at) => {
    const head = String(at).padStart(7, "0");
    const length = keyBytes ?? 7 + random.intBelow(random.chance(3) ? KEY_BYTES_MAX - 7 : 20);
    return head.padEnd(length, String.fromCharCode(33 + random.intBelow(90)));
  });
  return new Map(
    names.map((name) => {
      const [usual, large] = [random.intBelow(300), random.intBelow(20_000)];
      return [name, Buffer.alloc(random.chance(2) ? large : usual, random.intBelow(256))];
    }),
  );
}

test("tables that were loaded are read, written and loaded beside others", async () => {
  for (let seed = 0; seed < (isThorough ? 4 : 2); seed++) {
    const random = new SeededRandom(seed);
    const tables = new Map<Table, Rows>([
      ["key", randomRows(random, random.intBelow(4000))],
      ["head", randomRows(random, 1 + random.intBelow(3))],
      ["grave", new Map()],
    ]);
    const directory = await loaded(tables);
    expect(problemsOf(directory), `seed ${seed}`).toEqual([]);
    let backend = await openLmdbBackend(directory);
    for (const [table, rows] of tables) {
      expect(rowsOf(backend, table), `seed ${seed}`).toEqual(rows);
      expect(backend.committedRows(table)).toBe(rows.size);
    }
    const changed = new Map(tables.get("key"));
    for (const key of [...changed.keys()].filter(() => random.chance(30))) {
      const bytes = Buffer.from(key, "latin1");
      if (random.chance(50)) {
        backend.delete("key", bytes);
        changed.delete(key);
        continue;
      }
      const value = Buffer.alloc(random.intBelow(400), 1);
      backend.put("key", bytes, value);
      changed.set(key, value);
    }
    backend.setConsistentIndex(seed + 1, 1);
    await backend.commit();
    await backend.close();
    expect(problemsOf(directory), `seed ${seed}`).toEqual([]);
    backend = await openLmdbBackend(directory);
    expect(rowsOf(backend, "key"), `seed ${seed}`).toEqual(changed);
    await backend.close();
  }
});

test("the longest keys make the highest tree, and every branch page has two nodes", async () => {
  for (const count of isThorough ? [1, 2, 3, 4, 7, 100] : [1, 4, 100]) {
    const rows = randomRows(new SeededRandom(count), count, KEY_BYTES_MAX);
    const directory = await loaded(new Map([["head", rows]]));
    expect(problemsOf(directory), `${count} rows`).toEqual([]);
    const backend = await openLmdbBackend(directory);
    expect(rowsOf(backend, "head")).toEqual(rows);
    // The package asserts the numbers of nodes when it walks a tree to change it.
    for (const key of rows.keys()) backend.delete("head", Buffer.from(key, "latin1"));
    backend.setConsistentIndex(1, 1);
    backend.wantIndex();
    await backend.commit();
    expect(backend.committedRows("head")).toBe(0);
    await backend.close();
    expect(problemsOf(directory), `${count} rows`).toEqual([]);
  }
});

test("a table that has rows is not loaded", async () => {
  const rows = randomRows(new SeededRandom(4), 200);
  const directory = await loaded(new Map([["key", rows]]));
  const file = disk.open(join(directory, "data.mdb"), "write");
  expect(() => new LmdbLoad(file).tree("key")).toThrow("table key is empty before it is loaded");
  expect(() => new LmdbLoad(file).tree("members")).not.toThrow();
  file.close();
});
