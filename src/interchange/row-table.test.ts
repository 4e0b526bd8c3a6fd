// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { RowTable } from "./row-table.ts";
import { HEADER_BYTES, Records } from "./run-records.ts";

const KEY_BYTES = 8;
const RECORD_BYTES = HEADER_BYTES + KEY_BYTES;

test("rows are found by their keys while the table grows, and replaced by newer ones", () => {
  const keys = 100_000;
  const records = Records.ofSize(2 * keys * RECORD_BYTES);
  for (let row = 0; row < 2 * keys; row++) {
    const at = row * RECORD_BYTES;
    records.setHeader(at, KEY_BYTES, 0);
    Buffer.from(records.bytes.buffer).write(`k${row % keys}`.padEnd(KEY_BYTES), at + HEADER_BYTES);
  }
  const table = new RowTable((row, others, other) => {
    return records.hasKeyOf((row - 1) * RECORD_BYTES, others, other);
  });
  const unlike: number[] = [];
  for (let row = 1; row <= 2 * keys; row++) {
    const before = table.find(records, (row - 1) * RECORD_BYTES);
    if (before !== (row <= keys ? 0 : row - keys)) unlike.push(row);
    table.set(row);
  }
  expect(unlike).toEqual([]);
  table.free();
});
