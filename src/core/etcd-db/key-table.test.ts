// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { KeyTable } from "./key-table.ts";

const utf8 = new TextEncoder();

/** Keys that resemble each other: counted, one byte apart, prefixes of one another. */
function similarKeys(): Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (let index = 0; index < 50_000; index++) keys.push(utf8.encode(`/registry/pods/${index}`));
  for (let length = 0; length < 300; length++) keys.push(new Uint8Array(length));
  for (let bit = 0; bit < 2400; bit++) {
    const key = new Uint8Array(301);
    key[bit >>> 3] = 1 << (bit & 7);
    keys.push(key);
  }
  return keys;
}

test("every key keeps its own number while the table grows", () => {
  const table = new KeyTable();
  const keys = similarKeys();
  keys.forEach((key, index) => {
    expect(table.set(key, 0, key.length, index + 1)).toBe(0);
  });
  expect(table.size).toBe(keys.length);
  let wrong = 0;
  keys.forEach((key, index) => {
    if (table.get(key, 0, key.length) !== index + 1) wrong++;
    if (table.set(key, 0, key.length, index + 2) !== index + 1) wrong++;
  });
  expect(wrong).toBe(0);
  expect(table.size).toBe(keys.length);
  const absent = utf8.encode("/registry/pods/50000");
  expect(table.get(absent, 0, absent.length)).toBe(0);
});

test("a key counts by its bytes, wherever they lie", () => {
  const table = new KeyTable();
  const around = utf8.encode("xxkeyyy");
  table.set(around, 2, 5, 7);
  expect(table.get(utf8.encode("key"), 0, 3)).toBe(7);
  expect(table.get(around, 2, 6)).toBe(0);
});

test("numbers are handed over until it is enough", () => {
  const table = new KeyTable();
  for (const key of ["a", "b", "c"]) table.set(utf8.encode(key), 0, 1, key.charCodeAt(0));
  const seen: number[] = [];
  table.each((value) => seen.push(value) < 2);
  expect(seen.length).toBe(2);
});
