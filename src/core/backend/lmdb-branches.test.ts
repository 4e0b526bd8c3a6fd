// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { SeededRandom } from "../../../test/harness/seeded-random.ts";
import { LmdbFile, openLmdbBackend } from "./index.ts";
import { LmdbDamage, type StoreBytes } from "./lmdb-page.ts";

const PAGE_BYTES = 4096;
const KIND_AT = 18;
const [BRANCH, LEAF] = [1, 2];
/** Keys are so long that a page has room for three: trees become high with few rows. */
const KEY_BYTES = 1200;
const ROWS = 150;
const FLIPS = 2000;

let store: Buffer;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "lmdb-branches-"));
  const backend = await openLmdbBackend(folder);
  const random = new SeededRandom(3);
  for (const table of ["meta", "lease"] as const) {
    for (let row = 0; row < ROWS; row++) {
      backend.put(table, Buffer.alloc(KEY_BYTES, String(random.intBelow(1e9))), Buffer.from("v"));
    }
  }
  await backend.commit();
  await backend.close();
  store = readFileSync(join(folder, "data.mdb"));
  rmSync(folder, { recursive: true });
});

/** Pages of a kind that a tree of the newest state may hold, by their own word. */
function pagesOf(kind: number): number[] {
  const numbers = Array.from({ length: store.length / PAGE_BYTES }, (_, number) => number);
  return numbers.filter(
    (number) => number >= 2 && store.readUInt16LE(number * PAGE_BYTES + KIND_AT) === kind,
  );
}

function fileOf(bytes: Uint8Array): StoreBytes {
  const read = (position: number, length: number): Uint8Array =>
    bytes.subarray(position, position + length);
  return {
    size: () => bytes.length,
    read,
    readInto: (target, position) => {
      const found = read(position, target.length);
      target.set(found);
      return found.length;
    },
  };
}

function damageOf(bytes: Uint8Array): LmdbDamage | undefined {
  try {
    new LmdbFile(fileOf(bytes)).checkBranches();
    return undefined;
  } catch (error) {
    if (!(error instanceof LmdbDamage)) throw error;
    return error;
  }
}

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(store);
  change(bytes);
  return bytes;
}

test("a sound store passes", () => {
  expect(pagesOf(BRANCH).length).toBeGreaterThan(20);
  expect(damageOf(store)).toBeUndefined();
});

/** The damage that zeros in the place of a page are. */
function withoutPage(page: number): LmdbDamage | undefined {
  const at = page * PAGE_BYTES;
  return damageOf(changed((bytes) => bytes.fill(0, at, at + PAGE_BYTES)));
}

test("a page of zeros among the branches is named, whichever it is", () => {
  const branches = pagesOf(BRANCH);
  const told = branches.flatMap((page) => {
    const damage = withoutPage(page);
    if (damage !== undefined) {
      expect(damage.message).toBe(`page ${page}: does not carry its own number`);
    }
    return damage ?? [];
  });
  // A branch that no longer belongs to a tree may hold anything.
  expect(told.length).toBeGreaterThan((branches.length * 3) / 4);
});

test("a branch with other content, or one that leads out of the file, is told as such", () => {
  const root = pagesOf(BRANCH).find((page) => withoutPage(page) !== undefined);
  const at = (root ?? 0) * PAGE_BYTES;
  const node = at + 24 + store.readUInt16LE(at + 24);
  const told = (change: (bytes: Buffer) => void): string | undefined =>
    damageOf(changed(change))?.message;
  expect(told((bytes) => bytes.writeUInt16LE(LEAF, at + KIND_AT))).toBe(
    `page ${root}: is no page of branches`,
  );
  expect(told((bytes) => bytes.writeUInt32LE(1_000_000, node))).toMatch(
    new RegExp(`^page ${root}: leads to page 1000000, but the store has \\d+ pages$`),
  );
  expect(told((bytes) => bytes.writeUInt16LE(PAGE_BYTES, node + 6))).toBe(
    `page ${root}: node 0 reaches out of the page`,
  );
  expect(told((bytes) => bytes.writeUInt16LE(5000, at + 20))).toMatch(
    new RegExp(`^page ${root}: has its free space from 5000 to`),
  );
});

test("a file that lacks its end is told as soon as a branch leads there", () => {
  const last = Math.max(...pagesOf(LEAF));
  expect(damageOf(store.subarray(0, last * PAGE_BYTES))).toBeDefined();
  expect(damageOf(store.subarray(0, PAGE_BYTES * 5))?.message).toMatch(
    /end of the file|the store has/,
  );
});

test("flips at any place are told as damage or pass, and nothing else", () => {
  const random = new SeededRandom(8);
  const bytes = Buffer.from(store);
  let told = 0;
  for (let flip = 0; flip < FLIPS; flip++) {
    const at = random.intBelow(bytes.length);
    const before = bytes.readUInt8(at);
    bytes.writeUInt8(before ^ (1 << random.intBelow(8)), at);
    if (damageOf(bytes) !== undefined) told++;
    bytes.writeUInt8(before, at);
  }
  expect(told).toBeGreaterThan(0);
});

test("no more pages are read than the bound says, the last of a level among them", () => {
  const file = fileOf(store);
  const read: number[] = [];
  const bounded = new LmdbFile({
    ...file,
    readInto: (target, position) => {
      read.push(position / PAGE_BYTES);
      return file.readInto(target, position);
    },
  });
  bounded.checkBranches(8);
  expect(read.length).toBeLessThanOrEqual(8);
  const first = read.splice(0);
  bounded.checkBranches();
  expect(read.length).toBeGreaterThan(first.length);
});
