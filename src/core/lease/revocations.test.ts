// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { REVOKES_IN_FLIGHT_MAX, REVOKES_WAITING_MAX, Revocations } from "./revocations.ts";

const range = (first: number, count: number): bigint[] =>
  Array.from({ length: count }, (_, at) => BigInt(first + at));

test("no more than a few are under way, and the next comes when one is done", () => {
  const revocations = new Revocations();
  revocations.offer(range(1, 20));
  const taken = Array.from({ length: 20 }, () => revocations.take());
  expect(taken.filter((each) => each !== undefined)).toHaveLength(REVOKES_IN_FLIGHT_MAX);
  expect(revocations.waiting).toBe(20 - REVOKES_IN_FLIGHT_MAX);
  taken[3]?.done();
  expect(revocations.take()?.id).toBe(17n);
  expect(revocations.take()).toBeUndefined();
});

test("a lease that is offered again while it waits or is under way is revoked once", () => {
  const revocations = new Revocations();
  revocations.offer([1n, 2n]);
  const first = revocations.take();
  revocations.offer([1n, 2n]);
  expect(revocations.take()?.id).toBe(2n);
  expect(revocations.take()).toBeUndefined();
  first?.done();
  revocations.offer([1n]);
  expect(revocations.take()?.id).toBe(1n);
});

test("there is no room while too many wait", () => {
  const revocations = new Revocations();
  revocations.offer(range(1, REVOKES_WAITING_MAX));
  expect(revocations.hasRoom).toBe(false);
  revocations.take();
  expect(revocations.hasRoom).toBe(true);
});

test("what was under way before it was cleared does not count afterwards", () => {
  const revocations = new Revocations();
  revocations.offer([1n]);
  const old = revocations.take();
  revocations.clear();
  revocations.offer([1n]);
  const anew = revocations.take();
  old?.done();
  expect(revocations.inFlight).toBe(1);
  anew?.done();
  expect(revocations.inFlight).toBe(0);
});
