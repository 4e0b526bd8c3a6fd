// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type Backend, openLmdbBackend } from "./index.ts";

const CHILD = fileURLToPath(new URL("testing/crash-child.ts", import.meta.url));
const SECTOR_BYTES = 512;
const PAGE_BYTES = 4096;
/** Where the package writes, after a flush, what is known to be on disk: half of the first page. */
const FLUSHED_META_SECTOR = PAGE_BYTES / 2 / SECTOR_BYTES;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** The state holds the effects of all entries up to its boundary, and of none behind it. */
function expectPrefix(backend: Backend): void {
  const last = backend.boundary.consistentIndex;
  let rows = 0;
  backend.forEach("key", (key) => {
    expect(Buffer.from(key).readBigUInt64BE()).toBe(BigInt(++rows));
  });
  expect(rows).toBe(last);
  const alarms: string[] = [];
  backend.forEach("alarm", (key) => alarms.push(text(key)));
  expect(alarms).toEqual(last === 0 ? [] : [String(last)]);
  const counters: number[] = [];
  backend.forEach("auth", (_key, value) => counters.push(Number(text(value))));
  const expected = Array.from({ length: Math.min(last, 7) }, (_, back) => last - back);
  expect(counters.sort((a, b) => b - a)).toEqual(expected);
  expectIndex(backend, last);
}

/** The index holds at least what it says, and nothing that the rows do not. */
function expectIndex(backend: Backend, last: number): void {
  expect(backend.indexRevision).toBeLessThanOrEqual(last);
  const newest = new Map<string, number>();
  for (let entry = 1; entry <= backend.indexRevision; entry++) {
    newest.set(String((entry * 7919) % 1000), entry);
  }
  const found = new Map<string, number>();
  backend.forEach("head", (key, value) => found.set(text(key), Number(text(value))));
  for (const [key, entry] of newest) expect(found.get(key)).toBeGreaterThanOrEqual(entry);
  for (const [key, entry] of found) {
    expect(String((entry * 7919) % 1000)).toBe(key);
    expect(entry).toBeLessThanOrEqual(last);
  }
}

/** Runs the child until it has made so many commits, kills it, and gives the last it reported. */
async function runAndKill(directory: string, commits: number, delayTurns: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on("exit", (_code, signal) => resolve(signal));
  });
  let reported = 0;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    reported = Number(line);
    if (++seen !== commits) continue;
    for (let turn = 0; turn < delayTurns; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.kill("SIGKILL");
  }
  expect(await ended).toBe("SIGKILL");
  return reported;
}

describe("a crash", () => {
  const directories: string[] = [];

  function freshDirectory(): string {
    const directory = mkdtempSync(join(tmpdir(), "crash-"));
    directories.push(directory);
    return directory;
  }

  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  it("of the process leaves a prefix of the entries, with all that was reported", async () => {
    const directory = freshDirectory();
    for (const [commits, delayTurns] of [
      [3, 0],
      [8, 40],
      [20, 5],
      [1, 200],
    ] as const) {
      const reported = await runAndKill(directory, commits, delayTurns);
      expect(reported).toBeGreaterThan(0);
      const backend = await openLmdbBackend(directory);
      expect(backend.boundary.consistentIndex).toBeGreaterThanOrEqual(reported);
      expectPrefix(backend);
      await backend.close();
    }
  });

  it("of the machine leaves the last commit, whatever else had reached the disk", async () => {
    const directory = freshDirectory();
    const backend = await openLmdbBackend(directory, { indexOperations: 500 });
    const file = join(directory, "data.mdb");
    const copy = join(freshDirectory(), "before.mdb");
    let entry = 0;
    const commit = async (entries: number): Promise<void> => {
      for (let done = 0; done < entries; done++) writeEntry(backend, ++entry);
      await backend.commit();
    };
    await commit(700);
    await commit(100);
    copyFileSync(file, copy);
    const durable = entry;
    // One transaction more: the next one may use pages again that this one has freed.
    await commit(300);
    const before = readFileSync(copy);
    const after = readFileSync(file);
    await backend.close();
    const seeds = fc.sample(fc.tuple(fc.integer(), fc.integer({ min: 0, max: 100 })), 8);
    for (const [seed, percent] of [...seeds, [1, 0] as const, [1, 100] as const]) {
      const torn = freshDirectory();
      writeFileSync(join(torn, "data.mdb"), mixed(before, after, seed, percent));
      const again = await openLmdbBackend(torn);
      expect(again.boundary.consistentIndex).toBe(durable);
      expectPrefix(again);
      await again.close();
    }
  });
});

function writeEntry(backend: Backend, entry: number): void {
  const key = Buffer.alloc(17, "_");
  key.writeBigUInt64BE(BigInt(entry));
  backend.put("key", key, Buffer.alloc(300, "v"));
  backend.put("auth", Buffer.from(`last ${entry % 7}`), Buffer.from(String(entry)));
  if (entry > 1) backend.delete("alarm", Buffer.from(String(entry - 1)));
  backend.put("alarm", Buffer.from(String(entry)), Buffer.alloc(0));
  backend.put("head", Buffer.from(String((entry * 7919) % 1000)), Buffer.from(String(entry)));
  backend.indexRevision = entry;
  backend.setConsistentIndex(entry, 1);
}

/**
 * The file as a power failure may leave it: of the sectors written since the last flush, about
 * so many percent are on disk. The mark of a flush is not, since it is written after the flush.
 */
function mixed(before: Buffer, after: Buffer, seed: number, percent: number): Buffer {
  const file = Buffer.alloc(after.length);
  before.copy(file);
  let state = seed | 1;
  for (let sector = 0; sector * SECTOR_BYTES < after.length; sector++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    if (sector === FLUSHED_META_SECTOR || (state >>> 8) % 100 >= percent) continue;
    const start = sector * SECTOR_BYTES;
    after.copy(file, start, start, start + SECTOR_BYTES);
  }
  return file;
}
