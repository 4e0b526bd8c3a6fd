// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { Generation } from "./generation.ts";
import { HashOverlay } from "./hash-overlay.ts";
import { BELOW_ABSENT, OperationLog } from "./operation-log.ts";
import { TABLE_NUMBERS, type Table } from "./tables.ts";

const KEYS = 5000;
const keyAt = (at: number): Uint8Array => Buffer.from(`key${(at * 7919) % KEYS}`);
const START = new Uint8Array(0);

/** What a scan shows, in its order. */
function shown(overlay: Pick<HashOverlay, "cursors">): string[] {
  const keys: string[] = [];
  for (const cursor of overlay.cursors(START)) {
    for (; cursor.key !== undefined; cursor.advance()) keys.push(cursor.key);
  }
  return keys;
}

test("keys are put into order a few at a time, and a scan finds what is left", () => {
  const log = new OperationLog();
  const overlay = new HashOverlay(log);
  for (let at = 0; at < 100; at++) {
    const operation = log.beginPut(0, keyAt(at), 0);
    log.finishPut(log.valueStart(operation));
    overlay.add(operation, BELOW_ABSENT);
  }
  expect(overlay.orderSome(0)).toBe(100);
  expect(overlay.orderSome(30)).toBe(70);
  expect(overlay.orderSome(30)).toBe(40);
  const keys = shown(overlay);
  expect(keys).toEqual(keys.toSorted());
  expect(keys).toHaveLength(100);
  expect(overlay.orderSome(30)).toBe(0);
});

/** How many of so many new keys of a table a scan would have to order. */
function leftToScan(table: Table): number {
  const generation = new Generation();
  const number = TABLE_NUMBERS[table];
  for (let at = 0; at < KEYS; at++) {
    const operation = generation.log.beginPut(number, keyAt(at), 0);
    generation.log.finishPut(generation.log.valueStart(operation));
    generation.add(number, operation, BELOW_ABSENT);
  }
  return generation.overlay(number)?.orderSome(0) ?? 0;
}

test("only writes to what is scanned within one request pay for order beyond a limit", () => {
  expect(leftToScan("head")).toBe(KEYS);
  expect(leftToScan("leaseKeys")).toBe(2048);
});
