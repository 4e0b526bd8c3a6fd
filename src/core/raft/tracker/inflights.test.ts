// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Inflights } from "./inflights.ts";

const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), bytes: fc.nat(20) }),
  fc.record({ kind: fc.constant("free" as const), back: fc.nat(12) }),
  fc.record({ kind: fc.constant("reset" as const) }),
);

describe("the window of messages under way", () => {
  it("counts like a plain list, within both limits", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 400 }),
        fc.integer({ min: 1, max: 150 }),
        fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(Number.POSITIVE_INFINITY)),
        (steps, messages, bytes) => {
          const window = new Inflights({ messages, bytes });
          let naive: { index: number; bytes: number }[] = [];
          let index = 0;
          const isFull = (): boolean =>
            naive.length >= messages || naive.reduce((sum, m) => sum + m.bytes, 0) >= bytes;
          for (const s of steps) {
            if (s.kind === "reset") {
              naive = [];
              window.reset();
            } else if (s.kind === "free") {
              const to = index - s.back;
              naive = naive.filter((m) => m.index > to);
              window.freeTo(to);
            } else if (!isFull()) {
              naive.push({ index: ++index, bytes: s.bytes });
              window.add(index, s.bytes);
            }
            expect([window.count, window.isFull]).toEqual([naive.length, isFull()]);
            expect(window.clone().count).toBe(naive.length);
          }
        },
      ),
    );
  });

  it("takes nothing when it is full", () => {
    const window = new Inflights({ messages: 1, bytes: 10 });
    window.add(1, 1);
    expect(() => window.add(2, 1)).toThrow("full window");
  });
});
