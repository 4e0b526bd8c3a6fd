// SPDX-License-Identifier: Apache-2.0
//
// What is computed from a database that is not what was written: an answer or an error that names
// the file, and always the answer of before where the pages that are in use are as they were.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SeededRandom } from "../../../test/harness/seeded-random.ts";
import { BoltError, BoltReader, checkBolt } from "../bolt/index.ts";
import { MemoryFile } from "../bolt/testing/memory-file.ts";
import { databaseHash, databaseStatus, EtcdDbError, hashKv } from "./index.ts";

const PLACES = 1000;
const PAGE_BYTES = 4096;
const snapshot = readFileSync(
  new URL("../../../test/fixtures/etcd-3.7.1/snapshot.db", import.meta.url),
);
const database = snapshot.subarray(0, snapshot.length - 32);

/** All that the offline program computes, as text; or the error of the first that fails. */
function answerOf(bytes: Uint8Array): { readonly answer?: string; readonly error?: string } {
  try {
    const reader = new BoltReader(new MemoryFile(bytes));
    const all = [databaseStatus(reader), hashKv(reader, 0), databaseHash(reader)];
    return { answer: JSON.stringify(all) };
  } catch (error) {
    if (!(error instanceof BoltError || error instanceof EtcdDbError)) throw error;
    expect(error.message).toMatch(/^(bolt|etcd-db): memory\.db: \S/);
    return { error: error.message };
  }
}

const original = answerOf(database).answer;

test("a sound database has an answer", () => expect(original).toContain("hash"));

test(`a bit flipped at any of ${PLACES} places is told, or changes the hash, or says nothing`, () => {
  const random = new SeededRandom(29);
  let [told, other] = [0, 0];
  for (let round = 0; round < PLACES; round++) {
    const at = random.intBelow(database.length);
    const flipped = new Uint8Array(database);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.intBelow(8));
    const { answer, error } = answerOf(flipped);
    if (error !== undefined) told++;
    else if (answer !== original) other++;
  }
  expect(told).toBeGreaterThan(10);
  // Values have no checksum of their own: what tells is the hash over all of them.
  expect(other).toBeGreaterThan(10);
});

test("a page of zeros is told, unless nothing of it is in use", () => {
  for (let at = 2 * PAGE_BYTES; at < database.length; at += PAGE_BYTES) {
    const zeroed = new Uint8Array(database).fill(0, at, at + PAGE_BYTES);
    const { findings } = checkBolt(new BoltReader(new MemoryFile(zeroed)));
    const { answer, error } = answerOf(zeroed);
    if (error === undefined && findings.length === 0) expect(answer).toBe(original);
    if (answer !== undefined && answer !== original) expect(findings).not.toEqual([]);
  }
});
