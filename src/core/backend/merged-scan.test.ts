// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import { openLmdbBackend } from "./index.ts";

const ROWS = 200;
const name = (row: number): Uint8Array => Buffer.from(String(row).padStart(4, "0"));
const stored = (row: number): Uint8Array => Buffer.alloc(1 + ((row * 37) % 300), row);

test("a visitor that reads finds every row as it was written, committed or not", async () => {
  const backend = await openLmdbBackend(tempDir());
  for (let row = 0; row < ROWS; row++) {
    backend.put("meta", Buffer.concat([Buffer.from("other"), name(row)]), Buffer.alloc(500, "x"));
  }
  // Committed rows and ones that wait take turns, in runs of different lengths; some are both.
  const waits = (row: number): boolean => row % 7 < 3;
  for (let row = 0; row < ROWS; row++) {
    if (!waits(row) || row % 5 === 0) backend.put("lease", name(row), stored(row));
  }
  await backend.commit();
  for (let row = 0; row < ROWS; row++) {
    if (waits(row)) backend.put("lease", name(row), stored(row));
  }
  const wrong: number[] = [];
  let row = 0;
  backend.scan("lease", name(0), undefined, (keys, keyStart, keyEnd, values, start, end) => {
    const isKey = Buffer.from(keys.subarray(keyStart, keyEnd)).equals(name(row));
    const isValue = Buffer.from(values.subarray(start, end)).equals(stored(row));
    if (!isKey || !isValue) wrong.push(row);
    backend.get("meta", Buffer.concat([Buffer.from("other"), name(row)]));
    row++;
    return true;
  });
  expect([row, wrong]).toEqual([ROWS, []]);
  await backend.close();
});
