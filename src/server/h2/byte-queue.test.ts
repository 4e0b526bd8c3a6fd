// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteQueue } from "./byte-queue.ts";

const step = fc.oneof(
  fc.record({ put: fc.uint8Array({ maxLength: 50 }), from: fc.nat({ max: 10 }) }),
  fc.record({ owned: fc.uint8Array({ maxLength: 50 }) }),
  fc.record({ prefix: fc.nat({ max: 0xffff_ffff }) }),
  fc.record({ take: fc.nat({ max: 120 }) }),
  fc.record({ skip: fc.nat({ max: 120 }) }),
);

describe("a byte queue", () => {
  test("gives back what was put in, in order, whatever the pieces", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue();
        let twin: number[] = [];
        for (const each of steps) {
          if ("put" in each) {
            const from = Math.min(each.from, each.put.length);
            queue.append(each.put, from, each.put.length);
            twin.push(...each.put.subarray(from));
          } else if ("owned" in each) {
            queue.appendOwned(each.owned);
            twin.push(...each.owned);
          } else if ("prefix" in each) {
            queue.appendPrefix(each.prefix);
            const length = Buffer.alloc(4);
            length.writeUInt32BE(each.prefix);
            twin.push(0, ...length);
          } else if ("skip" in each) {
            const front = queue.front();
            const count = Math.min(each.skip, front.length);
            expect(front.length > 0).toBe(twin.length > 0);
            expect([...front]).toEqual(twin.slice(0, front.length));
            queue.skip(count);
            twin = twin.slice(count);
          } else {
            const count = Math.min(each.take, twin.length);
            const target = Buffer.alloc(count + 2);
            queue.take(target, 1, count);
            expect([...target.subarray(1, count + 1)]).toEqual(twin.slice(0, count));
            twin = twin.slice(count);
          }
          expect(queue.bytes).toBe(twin.length);
        }
      }),
    );
  });

  test("does not change when what was put in does", () => {
    const queue = new ByteQueue();
    const bytes = Buffer.from("abc");
    queue.append(bytes, 0, 3);
    bytes.fill(0);
    expect(String(queue.front())).toBe("abc");
  });

  test("frees memory that became its own when the bytes have left or are dropped, and no other", () => {
    const queue = new ByteQueue();
    const size = 300_000;
    const pieces = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)] as const;
    const [given, lent, dropped] = pieces.map(({ buffer }) => buffer);
    queue.appendGiven(pieces[0]);
    queue.appendOwned(pieces[1]);
    queue.appendGiven(pieces[2]);
    const target = Buffer.alloc(2 * size);
    queue.take(target, 0, size - 1);
    expect(given?.detached).toBe(false);
    queue.take(target, 0, size + 1);
    expect([given?.detached, lent?.detached, dropped?.detached]).toEqual([true, false, false]);
    queue.clear();
    expect([lent?.detached, dropped?.detached]).toEqual([false, true]);
    expect([queue.bytes, queue.front().length]).toEqual([0, 0]);
  });
});
