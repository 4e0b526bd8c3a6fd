// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_WATCH_LIMITS, type WatchDelivery, WatchHub, type WatchStream } from "./index.ts";
import { type NaiveOperation, NaiveStore } from "./testing/naive-store.ts";
import { eventsOf, RecordingSink } from "./testing/recording-sink.ts";

const STREAMS = 3;
const HELD_MAX = 2;

type Action =
  | { readonly kind: "change"; readonly batch: readonly (readonly NaiveOperation[])[] }
  | { readonly kind: "create"; readonly stream: number; readonly watch: RandomWatch }
  | { readonly kind: "cancel"; readonly pick: number }
  | { readonly kind: "compact"; readonly back: number }
  | { readonly kind: "stall" | "drain" | "progress"; readonly stream: number }
  | { readonly kind: "step" | "restore" };

interface RandomWatch {
  readonly key: string;
  readonly end: string;
  readonly startRevision: number;
  readonly withoutPuts: boolean;
  readonly withoutDeletes: boolean;
  readonly withPrevious: boolean;
}

const key = fc.constantFrom("a", "ab", "b", "ba", "c");
const operation: fc.Arbitrary<NaiveOperation> = fc.record({
  kind: fc.constantFrom("put" as const, "put" as const, "delete" as const),
  key,
});
const operations = fc.uniqueArray(operation, {
  minLength: 1,
  maxLength: 3,
  selector: (item) => item.key,
});
const watch: fc.Arbitrary<RandomWatch> = fc.record({
  key,
  end: fc.constantFrom("", "", "\0", "b", "bb", "d"),
  startRevision: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 })),
  withoutPuts: fc.boolean(),
  withoutDeletes: fc.boolean(),
  withPrevious: fc.boolean(),
});
const stream = fc.nat(STREAMS - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      batch: fc.array(operations, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("create" as const), stream, watch }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), pick: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("compact" as const), back: fc.nat(12) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("stall" as const, "drain" as const, "progress" as const),
      stream,
    }),
  },
  { weight: 4, arbitrary: fc.constant<Action>({ kind: "step" }) },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: "restore" }) },
);

/** What the model knows of a watcher. */
interface Expectation {
  readonly watch: RandomWatch;
  readonly stream: number;
  readonly id: bigint;
  /** The first revision whose events it has to see. */
  readonly from: number;
  /** Cancelled by the client or by a compaction. */
  over: boolean;
  /** By the client; it may be the second end after a compaction. */
  cancelled: boolean;
  seen: string[];
  lastRevision: number;
}

/** The hub next to a model that checks every delivery and, in the end, that none is missing. */
class World {
  readonly store = new NaiveStore();
  readonly hub = new WatchHub({
    history: this.store,
    hashSeed: 3,
    limits: {
      ...DEFAULT_WATCH_LIMITS,
      notifyResponsesMax: 5,
      stepWatchersMax: 3,
      stepScanMax: 4,
      sliceEventsMax: 3,
      sliceEventsMin: 1,
      stepWorkMax: 6,
    },
  });
  readonly sinks = Array.from({ length: STREAMS }, () => new RecordingSink(HELD_MAX));
  readonly streams: WatchStream[] = this.sinks.map((sink) => this.hub.openStream(sink));
  readonly watchers: Expectation[] = [];

  run(next: Action): void {
    switch (next.kind) {
      case "change":
        this.hub.notify(next.batch.flatMap((change) => this.store.change(change)));
        break;
      case "create":
        this.#create(next.stream, next.watch);
        break;
      case "cancel":
        this.#cancel(next.pick);
        break;
      case "compact":
        this.#compact(next.back);
        break;
      case "step":
        this.hub.step();
        break;
      case "restore":
        this.store.put("a");
        this.store.delete("a");
        this.hub.restore();
        break;
      default:
        this.#touchStream(next.kind, next.stream);
    }
    this.check();
  }

  settle(): void {
    for (let index = 0; index < STREAMS; index++) this.#touchStream("drain", index);
    for (let steps = 0; this.hub.hasWork(); steps++) {
      expect(steps).toBeLessThan(10_000);
      this.hub.step();
    }
    this.check();
  }

  /** Looks at everything that was delivered since the last call. */
  check(): void {
    this.sinks.forEach((sink, index) => {
      expect(sink.heldPeak).toBeLessThanOrEqual(HELD_MAX + 1);
      for (const delivery of sink.take()) this.#checkDelivery(index, delivery);
    });
  }

  /** After everything settled: who is not cancelled has seen all. */
  checkComplete(): void {
    for (const watcher of this.watchers) {
      if (watcher.over) continue;
      expect(watcher.seen).toEqual(this.#expected(watcher));
    }
    expect(this.hub.stats().laggingCount).toBe(0);
  }

  #create(index: number, random: RandomWatch): void {
    const target = this.streams[index];
    if (target === undefined) return;
    const created = this.hub.create(target, {
      ...random,
      id: 0n,
      key: Buffer.from(random.key),
      rangeEnd: Buffer.from(random.end),
      fragment: false,
      progressNotify: false,
    });
    const empty = random.end !== "" && random.end !== "\0" && random.key >= random.end;
    expect(created.ok).toBe(!empty);
    if (!created.ok) return;
    const from = random.startRevision === 0 ? this.hub.revision + 1 : random.startRevision;
    this.watchers.push({
      watch: random,
      stream: index,
      id: created.id,
      from,
      over: false,
      cancelled: false,
      seen: [],
      lastRevision: 0,
    });
  }

  #cancel(pick: number): void {
    const watcher = this.watchers[pick % Math.max(1, this.watchers.length)];
    const target = this.streams[watcher?.stream ?? 0];
    if (watcher === undefined || target === undefined) return;
    expect(this.hub.cancel(target, watcher.id)).toBe(!watcher.cancelled);
    watcher.over = true;
    watcher.cancelled = true;
  }

  #compact(back: number): void {
    const revision = this.store.currentRevision - back;
    if (revision > this.store.compactRevision && revision > 0) this.store.compact(revision);
  }

  #touchStream(kind: "stall" | "drain" | "progress", index: number): void {
    const sink = this.sinks[index];
    const target = this.streams[index];
    if (sink === undefined || target === undefined) return;
    if (kind === "stall") sink.stalled = true;
    else if (kind === "progress") this.hub.requestProgress(target);
    else {
      sink.stalled = false;
      sink.held = 0;
      this.hub.resume(target);
    }
  }

  #checkDelivery(index: number, delivery: WatchDelivery): void {
    if (delivery.watchId === -1n) {
      this.#checkProgress(index, delivery.revision);
      return;
    }
    const watcher = this.watchers.find(
      (item) => item.stream === index && item.id === delivery.watchId,
    );
    expect(watcher?.over).toBe(false);
    if (watcher === undefined) return;
    if (delivery.compactRevision > 0) {
      watcher.over = true;
      expect(watcher.lastRevision).toBeLessThan(delivery.compactRevision);
      return;
    }
    this.#checkEvents(watcher, delivery);
  }

  /** Events come in order, each once, whole revisions at a time, not above the header. */
  #checkEvents(watcher: Expectation, delivery: WatchDelivery): void {
    const described = eventsOf(delivery).map(({ type, kv, prevKv }) => {
      const name = Buffer.from(kv?.key ?? []).toString();
      const previous = prevKv === undefined ? "" : ` after ${prevKv.modRevision}`;
      return { main: kv?.modRevision ?? 0, text: `${kv?.modRevision} ${type} ${name}${previous}` };
    });
    const first = described[0]?.main ?? 0;
    const last = described.at(-1)?.main ?? 0;
    expect(described.length).toBeGreaterThan(0);
    expect(first).toBeGreaterThan(watcher.lastRevision);
    expect(last).toBeLessThanOrEqual(delivery.revision);
    watcher.lastRevision = last;
    watcher.seen.push(...described.map(({ text }) => text.replace(/ after .*/, "")));
    expect(watcher.seen).toEqual(this.#expected(watcher).slice(0, watcher.seen.length));
    const whole = this.#expected(watcher).filter((text) => text.startsWith(`${last} `));
    expect(watcher.seen.slice(-whole.length)).toEqual(whole);
    if (!watcher.watch.withPrevious) {
      expect(described.some(({ text }) => text.includes("after"))).toBe(false);
    }
  }

  #checkProgress(index: number, revision: number): void {
    for (const watcher of this.watchers) {
      if (watcher.stream !== index || watcher.over) continue;
      const due = this.#expected(watcher).filter((text) => Number(text.split(" ")[0]) <= revision);
      expect(watcher.seen.length).toBeGreaterThanOrEqual(due.length);
    }
  }

  #expected(watcher: Expectation): string[] {
    const { key: start, end, withoutPuts, withoutDeletes } = watcher.watch;
    return this.store.versions
      .filter(({ event }) => {
        const name = Buffer.from(event.key).toString();
        const inside = end === "" ? name === start : name >= start && (end === "\0" || name < end);
        const wanted = event.kind === "put" ? !withoutPuts : !withoutDeletes;
        return inside && wanted && event.main >= watcher.from;
      })
      .map(({ event }) => {
        const name = Buffer.from(event.key).toString();
        return `${event.main} ${event.kind === "put" ? 0 : 1} ${name}`;
      });
  }
}

describe("the watch engine under any sequence of events", () => {
  it("gives every watcher exactly its events, in order and once, or a compaction cancel", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 80 }), (actions) => {
        const world = new World();
        for (const next of actions) world.run(next);
        world.settle();
        world.checkComplete();
      }),
      { numRuns: 400 },
    );
  });
});
