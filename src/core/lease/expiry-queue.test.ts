// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { ExpiryQueue, NOT_QUEUED, type Timed } from "./expiry-queue.ts";

interface Entry extends Timed {
  readonly name: number;
}

function entries(count: number): Entry[] {
  return Array.from({ length: count }, (_, name) => ({ name, dueMs: 0, place: NOT_QUEUED }));
}

test("nothing is due in an empty queue, nor before its time", () => {
  const queue = new ExpiryQueue<Entry>();
  const [entry] = entries(1);
  expect(queue.firstDue(Number.MAX_VALUE)).toBeUndefined();
  if (entry === undefined) return;
  queue.set(entry, 10);
  expect(queue.firstDue(9)).toBeUndefined();
  expect(queue.firstDue(10)).toBe(entry);
});

test("the first due entry is always an earliest one, whatever is set, moved and removed", () => {
  const step = fc.record({
    name: fc.nat(19),
    dueMs: fc.option(fc.nat(50), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ExpiryQueue<Entry>();
      const all = entries(20);
      const model = new Map<number, number>();
      for (const { name, dueMs } of steps) {
        const entry = all[name];
        if (entry === undefined) continue;
        if (dueMs === undefined) {
          queue.remove(entry);
          model.delete(name);
        } else {
          queue.set(entry, dueMs);
          model.set(name, dueMs);
        }
        const earliest = model.size === 0 ? undefined : Math.min(...model.values());
        expect(queue.size).toBe(model.size);
        expect(queue.firstDue(Number.MAX_VALUE)?.dueMs).toBe(earliest);
      }
      queue.clear();
      expect(all.every((entry) => entry.place === NOT_QUEUED)).toBe(true);
    }),
  );
});
