// SPDX-License-Identifier: Apache-2.0
//
// Stores and snapshots with flipped bits, zeroed pages and cut ends: a check always ends, with
// findings or with the answer of before, and with no error of another kind. Values in a store have
// no checksum, so a flip in one is not always noticed; in a .snap file it always is.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkDirectory, type DirectoryCheck } from "../../src/offline/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { SimDisk } from "../harness/sim-disk.ts";
import { goDirectory, ownDirectory } from "./member-directory.ts";

const ROUNDS = 300;
const PAGE_BYTES = 4096;

type Files = ReadonlyMap<string, Uint8Array>;

function filesOf(directory: string): Files {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(directory, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(directory, name))]));
}

function check(files: Files, changed: string, bytes: Uint8Array): Promise<DirectoryCheck> {
  const disk = new SimDisk();
  for (const [name, content] of files) {
    disk.placeFile(`/data/${name}`, name === changed ? bytes : content);
  }
  return checkDirectory({ disk, dataDir: "/data", walDir: "" });
}

function flipped(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = new Uint8Array(bytes);
  const offset = random.intBelow(bytes.length);
  copy[offset] = (copy[offset] ?? 0) ^ (1 << random.intBelow(8));
  return copy;
}

describe.each([
  ["Go etcd", () => Promise.resolve(goDirectory("3.7.1")), "member/snap/db"],
  ["etcdx", () => ownDirectory(), "member/snap/store.lmdb/data.mdb"],
] as const)("the store of %s", (_kind, make, name) => {
  test("with flipped bits", async () => {
    const files = filesOf(await make());
    const bytes = files.get(name) ?? new Uint8Array(0);
    const random = new SeededRandom(7);
    let told = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { findings, store } = await check(files, name, flipped(bytes, random));
      if (findings.errors > 0) told++;
      else expect(store?.keys.rows).toBeGreaterThan(0);
    }
    expect(told).toBeGreaterThan(0);
  });

  test("with a page of zeros, and cut off behind every page", async () => {
    const files = filesOf(await make());
    const bytes = files.get(name) ?? new Uint8Array(0);
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const zeroed = new Uint8Array(bytes).fill(0, at, at + PAGE_BYTES);
      const cut = bytes.subarray(0, at);
      for (const damaged of [zeroed, cut, bytes.subarray(0, at + 100)]) {
        const { findings, store } = await check(files, name, damaged);
        // Pages that are free may hold anything.
        if (findings.errors === 0) expect(store?.keys.rows).toBeGreaterThan(0);
        else
          expect(findings.list.every(({ file, problem }) => file !== "" && problem !== "")).toBe(
            true,
          );
      }
    }
    const { findings } = await check(files, name, bytes.subarray(0, 3 * PAGE_BYTES));
    expect(findings.errors).toBeGreaterThan(0);
  });
});

test("a .snap file with a flipped bit, or cut off anywhere", async () => {
  const files = filesOf(goDirectory("3.4.23"));
  const name = "member/snap/0000000000000002-0000000000000015.snap";
  const bytes = files.get(name) ?? new Uint8Array(0);
  const random = new SeededRandom(11);
  for (let round = 0; round < ROUNDS; round++) {
    const { findings } = await check(files, name, flipped(bytes, random));
    expect(findings.errors).toBeGreaterThan(0);
    const cut = await check(files, name, bytes.subarray(0, random.intBelow(bytes.length)));
    expect(cut.findings.errors).toBeGreaterThan(0);
  }
});
