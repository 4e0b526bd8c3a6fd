// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { StatusResponse } from "../../api/gen/etcdserverpb.ts";
import { formatSize, statusColumns } from "./columns.ts";
import { jsonString } from "./json-text.ts";
import { drawTable } from "./table.ts";

test.each([
  [0, "0 B"],
  [9, "9 B"],
  [10, "10 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9949, "9.9 kB"],
  [9950, "10 kB"],
  [20_480, "20 kB"],
  [21_500, "22 kB"],
  [24_576, "25 kB"],
  [999_999, "1000 kB"],
  [1_000_000, "1.0 MB"],
  [2_147_483_648, "2.1 GB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

test("a store without a size has nothing unused", () => {
  const status = StatusResponse.create({ dbSize: 0, dbSizeInUse: 0 });
  const [row] = statusColumns([{ endpoint: "e", status }]).rows;
  expect(row?.[6]).toBe("0%");
});

test("a table has its titles centred, odd blank on the right, and cells on the right", () => {
  const table = drawTable({ titles: ["h", "long_title"], rows: [["wide cell", " x "]] });
  expect(table.split("\n")).toEqual([
    "┌───────────┬────────────┐",
    "│     H     │ LONG TITLE │",
    "├───────────┼────────────┤",
    "│ wide cell │          x │",
    "└───────────┴────────────┘",
    "",
  ]);
});

test("a table without rows is its head", () => {
  const table = drawTable({ titles: ["h"], rows: [] });
  expect(table.split("\n")).toEqual(["┌───┐", "│ H │", "└───┘", ""]);
});

test("JSON strings are escaped for HTML, and lone surrogates are replaced", () => {
  expect(jsonString('<a href="x">&\u2028\ud800')).toBe(
    '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\ufffd"',
  );
});
