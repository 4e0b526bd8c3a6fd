// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isThorough } from "../../../test/harness/thorough.ts";
import {
  type Backend,
  DefragmentError,
  openLmdbBackend,
  openLmdbView,
  openMemoryBackend,
} from "./index.ts";
import { defragmentFaults, writeDefragmentEntry } from "./testing/defragment-entry.ts";
import { killDefragmentations } from "./testing/defragment-kills.ts";

const KILLS = isThorough ? 6 : 2;

let directory = "";
let store = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "defragment-"));
  store = join(directory, "store.lmdb");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function writeEntries(backend: Backend, from: number, to: number): Promise<void> {
  for (let entry = from; entry <= to; entry++) {
    writeDefragmentEntry(backend, entry);
    if (entry % 500 === 0) await backend.commit();
  }
  await backend.commit();
}

function rowsOf(backend: { scan: Backend["scan"] }): string[] {
  const rows: string[] = [];
  backend.scan("key", new Uint8Array(0), undefined, (keys, start, end) => {
    rows.push(Buffer.from(keys.subarray(start, end)).toString("hex"));
    return true;
  });
  return rows;
}

describe("a defragmentation", () => {
  it("gives the space of deleted rows back to the disk, and keeps the others", async () => {
    const backend = await openLmdbBackend(store);
    await writeEntries(backend, 1, 6000);
    for (const row of rowsOf(backend).slice(0, 3500)) {
      backend.delete("key", Buffer.from(row, "hex"), "present");
    }
    await backend.commit();
    const rows = rowsOf(backend);
    const before = backend.sizeBytes();
    await backend.defragment();
    expect(backend.sizeBytes()).toBeLessThan(before / 2);
    expect(backend.sizeBytes()).toBeGreaterThanOrEqual(backend.sizeInUseBytes());
    expect(backend.usedBytes).toBe(backend.sizeInUseBytes());
    expect(statSync(join(store, "data.mdb")).size).toBeLessThan(before / 2);
    expect(rowsOf(backend)).toEqual(rows);
    backend.put("auth", Buffer.from("later"), Buffer.from("v"));
    await backend.commit();
    await backend.close();
    expect(existsSync(`${store}.compacting`)).toBe(false);
    const again = await openLmdbBackend(store);
    expect(rowsOf(again)).toEqual(rows);
    expect(again.get("auth", Buffer.from("later"))).toBeDefined();
    expect(again.boundary.consistentIndex).toBe(6000);
    await again.close();
  });

  it("holds what is committed meanwhile, wherever the copy is", async () => {
    const backend = await openLmdbBackend(store, { indexOperations: 100 });
    await writeEntries(backend, 1, 5000);
    let running = true;
    const defragmented = (async () => {
      for (let times = 0; times < 5; times++) await backend.defragment();
      running = false;
    })();
    let entry = 5000;
    while (running) {
      for (let count = 0; count < 20; count++) writeDefragmentEntry(backend, ++entry);
      await backend.commit();
      expect(backend.count("key", new Uint8Array(0), undefined)).toBe(4000);
      await nextTurn();
    }
    await defragmented;
    expect(defragmentFaults(backend)).toEqual([]);
    await backend.close();
    const again = await openLmdbBackend(store);
    expect(again.boundary.consistentIndex).toBe(entry);
    expect(defragmentFaults(again)).toEqual([]);
    await again.close();
  });

  it("leaves views as they are, and what comes after it does not show in them", async () => {
    const backend = await openLmdbBackend(store);
    await writeEntries(backend, 1, 500);
    const view = backend.pin();
    const rows = rowsOf(backend);
    await backend.defragment();
    await writeEntries(backend, 501, 1000);
    await backend.defragment();
    expect(rowsOf({ scan: view.scan.bind(view) })).toEqual(rows);
    view.close();
    expect(rowsOf(backend)).toHaveLength(1000);
    await writeEntries(backend, 1001, 1100);
    expect(defragmentFaults(backend)).toEqual([]);
    await backend.close();
  });

  it("leaves views of other threads, opened by the store's name, before, amid and after", async () => {
    const backend = await openLmdbBackend(store);
    await writeEntries(backend, 1, 3000);
    const rows = rowsOf(backend);
    const before = openLmdbView(store);
    const running = backend.defragment();
    while (!existsSync(`${store}.compacting`)) await nextTurn();
    const amid = openLmdbView(store);
    await running;
    const after = openLmdbView(store);
    await writeEntries(backend, 3001, 6000);
    for (const view of [before, amid, after]) {
      expect(rowsOf({ scan: view.scan.bind(view) })).toEqual(rows);
    }
    before.close();
    amid.close();
    await backend.defragment();
    expect(rowsOf({ scan: after.scan.bind(after) })).toEqual(rows);
    after.close();
    expect(defragmentFaults(backend)).toEqual([]);
    await backend.close();
  });

  it("that is asked for while one runs is done after it, once for all who ask", async () => {
    const backend = await openLmdbBackend(store);
    await writeEntries(backend, 1, 1000);
    const first = backend.defragment();
    const second = backend.defragment();
    expect(backend.defragment()).toBe(second);
    const ends: number[] = [];
    await Promise.all([first.then(() => ends.push(1)), second.then(() => ends.push(2))]);
    expect(ends).toEqual([1, 2]);
    await backend.close();
    await expect(backend.defragment()).rejects.toThrow("the backend is closed");
  });

  it("without room on the disk leaves the store as it was and says so", async () => {
    const backend = await openLmdbBackend(store, { defragmentSpareBytes: 1e18 });
    await writeEntries(backend, 1, 700);
    const failed = backend.defragment();
    await expect(failed).rejects.toThrow(DefragmentError);
    await expect(failed).rejects.toThrow(/no space left for the copy beside .*store\.lmdb/);
    expect(existsSync(`${store}.compacting`)).toBe(false);
    await writeEntries(backend, 701, 1400);
    expect(defragmentFaults(backend)).toEqual([]);
    await backend.close();
  });

  it("whose copy cannot be put in place leaves the store in use", async () => {
    const backend = await openLmdbBackend(store);
    await writeEntries(backend, 1, 700);
    const running = backend.defragment();
    // The copy's name is taken away before it is complete.
    while (!existsSync(`${store}.compacting/lock.mdb`)) await nextTurn();
    rmSync(`${store}.compacting`, { recursive: true });
    await expect(running).rejects.toThrow(DefragmentError);
    await writeEntries(backend, 701, 1400);
    await backend.defragment();
    expect(defragmentFaults(backend)).toEqual([]);
    await backend.close();
    const again = await openLmdbBackend(store);
    expect(defragmentFaults(again)).toEqual([]);
    await again.close();
  });

  it("ends when the store is closed, and leaves nothing beside it", async () => {
    const backend = await openLmdbBackend(store);
    await writeEntries(backend, 1, 4000);
    const ended = expect(backend.defragment()).rejects.toThrow("the backend is closed");
    await backend.close();
    await ended;
    expect(existsSync(`${store}.compacting`)).toBe(false);
    const again = await openLmdbBackend(store);
    expect(defragmentFaults(again)).toEqual([]);
    await again.close();
  });

  it("that a crash has cut short leaves a copy that the next start removes", async () => {
    mkdirSync(`${store}.compacting`);
    writeFileSync(`${store}.compacting/data.mdb`, "half of a copy");
    const backend = await openLmdbBackend(store);
    expect(existsSync(`${store}.compacting`)).toBe(false);
    await backend.close();
  });

  it("of a store in memory has nothing to do", async () => {
    const backend = openMemoryBackend();
    await writeEntries(backend, 1, 100);
    await backend.defragment();
    expect(defragmentFaults(backend)).toEqual([]);
    await backend.close();
  });

  it(`loses nothing when the process is killed, ${KILLS} times`, { timeout: 120_000 }, async () => {
    const { kills, defragmentations } = await killDefragmentations(KILLS, 7);
    expect(kills).toBe(KILLS);
    expect(defragmentations).toBeGreaterThanOrEqual(KILLS);
  });
});
