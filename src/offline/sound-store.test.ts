// SPDX-License-Identifier: Apache-2.0
//
// A store whose file is damaged is told before LMDB opens it, which would end the process. Values
// have no checksum, and free pages may hold anything: there a flip passes.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../test/harness/seeded-random.ts";
import { SimDisk } from "../../test/harness/sim-disk.ts";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { isThorough } from "../../test/harness/thorough.ts";
import { openLmdbBackend } from "../core/backend/index.ts";
import { MvccStore } from "../core/mvcc/index.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { OfflineError } from "./errors.ts";
import { requireSoundStore } from "./sound-store.ts";

const PAGE_BYTES = 4096;
const KEYS = 200;
const CHANGES = 600;
const PLACES = isThorough ? 2000 : 300;
/** To open one takes its time. */
const OPENED_MAX = 6;
const FILE = "/data/store.lmdb/data.mdb";
const KIND_AT = 18;
const LEAF = 2;

/** The file of a store with trees of several levels, values apart and free pages. */
async function storeBytes(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "sound-store-"));
  const backend = await openLmdbBackend(folder);
  const store = new MvccStore(backend);
  for (let change = 0; change < CHANGES; change++) {
    const txn = store.write();
    const value = "v".repeat(change % 100 === 0 ? 9000 : 100);
    txn.put(Buffer.from(`key${change % KEYS}`), Buffer.from(value), 0n);
    txn.end();
    if (change % 100 === 99) await backend.commit();
  }
  backend.wantIndex();
  await backend.commit();
  await backend.close();
  const made = readFileSync(join(folder, "data.mdb"));
  rmSync(folder, { recursive: true });
  return made;
}

function problemOf(bytes: Uint8Array): string | undefined {
  const disk = new SimDisk();
  disk.placeFile(FILE, bytes);
  try {
    requireSoundStore(disk, FILE);
    return undefined;
  } catch (error) {
    if (!(error instanceof OfflineError)) throw error;
    expect(error.message).toContain(FILE);
    expect(error.message).toMatch(/restore the (whole )?data directory from/);
    expect(error.message).not.toContain("\n");
    return error.message;
  }
}

let bytes: Uint8Array = new Uint8Array(0);

beforeAll(async () => {
  bytes = await storeBytes();
});

describe("the file of a store", () => {
  test("is sound as it is", () => expect(problemOf(bytes)).toBeUndefined());

  test("cut behind any page is refused, but for free ones at its end", () => {
    const told = new Set<number>();
    for (let size = PAGE_BYTES; size < bytes.length; size += PAGE_BYTES) {
      if (problemOf(bytes.subarray(0, size)) !== undefined) told.add(size);
    }
    expect(told.size).toBeGreaterThan(bytes.length / PAGE_BYTES / 2);
  });

  test(`with a bit flipped at any of ${PLACES} places is refused, or looks sound`, () => {
    const random = new SeededRandom(9);
    let told = 0;
    for (let round = 0; round < PLACES; round++) {
      const at = random.intBelow(bytes.length);
      const flipped = new Uint8Array(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.intBelow(8));
      if (problemOf(flipped) !== undefined) told++;
    }
    expect(told).toBeGreaterThan(PLACES / 50);
  });

  test("is opened by LMDB wherever a page of zeros passes", async () => {
    const folder = tempDir();
    let told = 0;
    let opened = 0;
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const zeroed = new Uint8Array(bytes).fill(0, at, at + PAGE_BYTES);
      if (problemOf(zeroed) !== undefined) {
        told++;
        continue;
      }
      if (opened++ >= OPENED_MAX) continue;
      const store = join(folder, String(at));
      mkdirSync(store);
      writeFileSync(join(store, "data.mdb"), zeroed);
      const backend = await openLmdbBackend(store);
      expect(backend.committedRows("key")).toBe(CHANGES);
      await backend.close();
    }
    expect(told).toBeGreaterThan(10);
  });

  test("with a node of a kind that the program does not write is refused", () => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const texts: string[] = [];
    for (let page = 2 * PAGE_BYTES; page < bytes.length; page += PAGE_BYTES) {
      if (view.getUint16(page + KIND_AT, true) !== LEAF) continue;
      const node = page + 24 + view.getUint16(page + 24, true);
      const changed = new Uint8Array(bytes);
      changed[node + 4] = 4;
      texts.push(problemOf(changed) ?? "");
    }
    expect(texts.some((text) => text.includes("node 0 is of an unknown kind"))).toBe(true);
  });
});

test("a directory in the place of the file is refused", () => {
  const path = join(tempDir(), "data.mdb");
  mkdirSync(path);
  expect(() => requireSoundStore(new NodeDisk(), path)).toThrow("is a directory where the store's");
});
