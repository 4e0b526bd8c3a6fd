// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import type { Sample } from "../../bench/measure.ts";
import { allRows, selectRows } from "../../bench/rows.ts";
import { formatTable, medianRound } from "../../bench/table.ts";

function sample(requestsPerSecond: number): Sample {
  return {
    requests: 1,
    requestsPerSecond,
    meanMicros: 50,
    p99Micros: 2000,
    cpuMicrosPerRequest: 4,
  };
}

test("the round with the median rate counts", () => {
  const rounds = [sample(30), sample(10), sample(20)];
  expect(medianRound(rounds)).toBe(rounds[2]);
});

test("a table row holds both servers and subject over reference", () => {
  const row = { row: "put/1x1", subject: sample(3000), reference: sample(1500) };
  const lines = formatTable({ subject: "a", reference: "b" }, [row]).split("\n");
  expect(lines[2]).toBe(
    "| put/1x1 | 3,000 | 50 µs | 2.00 ms | 4.0 µs | 1,500 | 50 µs | 2.00 ms | 4.0 µs " +
      "| 2.00× | 1.00× | 1.00× | 1.00× |",
  );
});

test("rows are chosen by the beginning of their name", () => {
  expect(selectRows("txn,put/1x1").map((row) => row.name)).toEqual([
    "put/1x1",
    "txn/1x1",
    "txn/100x1",
    "txn/100x10",
  ]);
  expect(selectRows(undefined)).toBe(allRows);
  expect(() => selectRows("delete")).toThrow(/delete/);
});
