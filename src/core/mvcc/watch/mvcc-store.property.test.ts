// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMemoryBackend } from "../../backend/index.ts";
import { MvccStore, type StoredEvent as StoreEvent } from "../index.ts";
import { DEFAULT_WATCH_LIMITS, type HistorySource, type StoredEvent, WatchHub } from "./index.ts";
import { type NaiveOperation, NaiveStore } from "./testing/naive-store.ts";
import { RecordingSink } from "./testing/recording-sink.ts";

const NOTHING = new Uint8Array(0);
const LIMITS = { ...DEFAULT_WATCH_LIMITS, sliceEventsMax: 4, notifyResponsesMax: 6 };

/** A hub on some store, with one stream, described by what its sink gets. */
class Side {
  readonly hub: WatchHub;
  readonly sink = new RecordingSink(2);
  readonly #stream;

  constructor(history: HistorySource) {
    this.hub = new WatchHub({ history, hashSeed: 1, limits: LIMITS });
    this.#stream = this.hub.openStream(this.sink);
  }

  create(key: string, rangeEnd: string, startRevision: number, withPrevious: boolean): void {
    this.hub.create(this.#stream, {
      id: 0n,
      key: Buffer.from(key),
      rangeEnd: Buffer.from(rangeEnd),
      startRevision,
      withoutPuts: false,
      withoutDeletes: false,
      withPrevious,
      fragment: false,
      progressNotify: false,
    });
  }

  drain(): void {
    this.sink.stalled = false;
    this.sink.held = 0;
    this.hub.resume(this.#stream);
  }

  settle(): void {
    this.drain();
    while (this.hub.hasWork()) this.hub.step();
  }

  take(): string[] {
    return this.sink.take().map(({ watchId, revision, compactRevision, events }) => {
      const bytes = events.map((field) => Buffer.from(field).toString("latin1"));
      return JSON.stringify([String(watchId), revision, compactRevision, bytes]);
    });
  }
}

function changeReal(store: MvccStore, operations: readonly NaiveOperation[]): StoredEvent[] {
  const transaction = store.write();
  for (const { kind, key, value } of operations) {
    const name = Buffer.from(key);
    if (kind === "put") transaction.put(name, Buffer.from(value ?? "v"), 0n);
    else transaction.deleteRange(name, NOTHING);
  }
  const events: readonly StoreEvent[] = transaction.end().events;
  return [...events];
}

const key = fc.constantFrom("a", "ab", "b", "long".repeat(600));
const operation: fc.Arbitrary<NaiveOperation> = fc.record({
  kind: fc.constantFrom("put" as const, "put" as const, "delete" as const),
  key,
  value: fc.constantFrom("", "v", "w".repeat(300)),
});
const change = fc.uniqueArray(operation, { minLength: 1, maxLength: 3, selector: (op) => op.key });
const action = fc.oneof(
  fc.record({ kind: fc.constant("change" as const), batch: fc.array(change, { maxLength: 4 }) }),
  fc.record({
    kind: fc.constant("create" as const),
    key,
    end: fc.constantFrom("", "b", "\0"),
    start: fc.nat(30),
    previous: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("compact" as const), back: fc.nat(5) }),
  fc.record({ kind: fc.constantFrom("stall" as const, "drain" as const, "step" as const) }),
);

describe("the watch engine on the MVCC store", () => {
  it("delivers byte for byte what it delivers on the naive store", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 50 }), (actions) => {
        const naive = new NaiveStore();
        const real = new MvccStore(openMemoryBackend());
        const left = new Side(naive);
        const right = new Side(real);
        for (const next of actions) {
          if (next.kind === "change") {
            left.hub.notify(next.batch.flatMap((operations) => naive.change(operations)));
            right.hub.notify(next.batch.flatMap((operations) => changeReal(real, operations)));
          } else if (next.kind === "compact") {
            const revision = naive.currentRevision - next.back;
            if (revision <= Math.max(1, naive.compactRevision)) continue;
            naive.compact(revision);
            expect(real.compact(revision)).toBe("ok");
            // Rows may stay until a commit, which never comes here; reads do not see them.
            for (let step = { done: false, waits: false }; !step.done && !step.waits; ) {
              step = real.compactStep({ maxOperations: 3 });
            }
          } else {
            for (const side of [left, right]) {
              if (next.kind === "create") {
                side.create(next.key, next.end, next.start, next.previous);
              } else if (next.kind === "stall") side.sink.stalled = true;
              else if (next.kind === "drain") side.drain();
              else side.hub.step();
            }
          }
          expect(right.take()).toEqual(left.take());
        }
        left.settle();
        right.settle();
        expect(right.take()).toEqual(left.take());
        expect(right.hub.stats()).toEqual(left.hub.stats());
      }),
      { numRuns: 200 },
    );
  });
});
