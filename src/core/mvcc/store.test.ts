// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type Backend, MemoryDisk, openLmdbBackend, openMemoryBackend } from "../backend/index.ts";
import { KeyRowImporter, type KvView, MvccStore, type StoredEvent } from "./index.ts";
import { encodeRow, Twin, type TwinRow } from "./testing/twin.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, "latin1"));
const PART_BYTES = 3;

type Step =
  | { readonly do: "txn"; readonly changes: readonly Change[] }
  | { readonly do: "compact"; readonly back: number; readonly steps: number }
  | { readonly do: "range"; readonly from: string; readonly to: string; readonly back: number }
  | { readonly do: "tear"; readonly after: number }
  | { readonly do: "commit" | "crash" | "hash" };

type Change =
  | { readonly do: "put"; readonly key: string; readonly size: number; readonly lease: bigint }
  | { readonly do: "delete"; readonly from: string; readonly to: string };

// Few keys, so that they meet again; some are cut once or twice by the key table.
const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "ab\0", "ab\0\0", "ab\0b", "ab\0baab") },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom("a", "b", "\0", "\u00ff"),
      minLength: 1,
      maxLength: 9,
    }),
  },
);
const end = fc.oneof(fc.constant(""), fc.constant("\0"), key);
const size = fc.oneof(fc.nat(20), fc.constantFrom(1000, 1024, 1030, 3000));
const lease = fc.constantFrom(0n, 0n, 7n, -1n, 0x7fff_ffff_ffff_ffffn);
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("put" as const), key, size, lease }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("delete" as const), from: key, to: end }),
  },
);
const back = fc.integer({ min: -1, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("txn" as const),
      changes: fc.array(change, { maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("compact" as const), back, steps: fc.nat(25) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("range" as const), from: key, to: end, back }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("commit" as const, "crash", "hash") }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tear" as const), after: fc.nat(9) }) },
);

/** Where backends are opened again and again. */
interface Place {
  open(): Promise<Backend>;
  /** Leaves a backend as a crash does. */
  crash(backend: Backend): Promise<void>;
  /** How many more operations on the index reach the disk before it fails. */
  indexOperationsLeft: number;
}

/** The store and its twin, on a place that survives crashes. */
class Pair {
  readonly #place: Place;
  #backend: Backend;
  #store: MvccStore;
  #twin = new Twin();
  #durable = new Twin();
  #index = 0;
  #wasTorn = false;
  #wasCrashed = false;

  constructor(place: Place, backend: Backend) {
    this.#place = place;
    this.#backend = backend;
    this.#store = new MvccStore(backend, { keyPartBytes: PART_BYTES });
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case "txn":
        this.#txn(step.changes);
        break;
      case "compact":
        await this.#compact(step.back, step.steps);
        break;
      case "range":
        this.#range(step.from, step.to, step.back);
        break;
      case "commit":
        await this.#commit();
        break;
      case "tear":
        await this.#tear(step.after);
        break;
      case "crash":
        await this.#crash();
        break;
      case "hash":
        this.#hash();
    }
    this.#backend.setConsistentIndex(++this.#index, 1);
    expect(this.#store.currentRevision).toBe(this.#twin.current);
    expect(this.#store.compactRevision).toBe(this.#twin.compacted);
  }

  async close(): Promise<void> {
    this.#range("\0", "\0", 0);
    this.#hash();
    // A crash may leave graves that a compaction has emptied; the next one takes them along.
    if (this.#wasCrashed) {
      this.#txn([{ do: "put", key: "a", size: 0, lease: 0n }]);
      await this.#compact(0, 0);
    }
    let done = false;
    for (let step = 0; !done; step++) {
      expect(step).toBeLessThan(10_000);
      const outcome = this.#store.compactStep({ maxOperations: 5 });
      if (outcome.waits) await this.#commit();
      done = outcome.done;
    }
    this.#tables();
    this.#hash();
    await this.#backend.close();
  }

  /** With all compactions done, exactly the twin's rows are left, and an index of them. */
  #tables(): void {
    const rows: string[] = [];
    this.#backend.forEach("key", (at, value) => rows.push(`${text(at)} ${text(value)}`));
    expect(rows).toEqual(this.#twin.rows.map((row) => `${text(rowKey(row))} ${rowText(row)}`));
    const latest = this.#twin.latest(this.#twin.current);
    const long = (row: TwinRow): boolean => row.key.length > PART_BYTES;
    for (const [table, tombstone] of [
      ["head", false],
      ["grave", true],
    ] as const) {
      const expected = latest.filter((row) => row.tombstone === tombstone && !long(row)).length;
      let found = 0;
      this.#backend.forEach(table, (at) => {
        if (at.length <= PART_BYTES) found++;
      });
      expect(`${table} ${found}`).toBe(`${table} ${expected}`);
      const longTable = tombstone ? "graveLong" : "headLong";
      const anyLong = latest.some((row) => row.tombstone === tombstone && long(row));
      // A torn commit may leave rows of long keys that no link leads to any more.
      if (!this.#wasTorn) expect(this.#backend.lastKey(longTable) !== undefined).toBe(anyLong);
    }
  }

  #txn(changes: readonly Change[]): void {
    const txn = this.#store.write();
    for (const change of changes) {
      if (change.do === "put") {
        const value = new Uint8Array(change.size).fill(change.size % 256);
        txn.put(bytes(change.key), value, change.lease);
        this.#twin.put(bytes(change.key), value, change.lease);
      } else {
        const { deleted, previous } = txn.deleteRange(bytes(change.from), bytes(change.to));
        const revision = this.#twin.current + 1;
        const doomed = this.#twin.alive(bytes(change.from), bytes(change.to), revision);
        expect(previous.map(asText)).toEqual(doomed.map(rowText));
        expect(deleted).toBe(this.#twin.deleteRange(bytes(change.from), bytes(change.to)));
      }
      const seen = txn.range(bytes("\0"), bytes("\0"), { revision: 0, limit: 0 });
      const expected = this.#twin.alive(bytes("\0"), bytes("\0"), this.#twin.current + 1);
      expect(kvsOf(seen)).toEqual(expected.map(rowText));
    }
    const { revision, events } = txn.end();
    expect(events.map(eventText)).toEqual(this.#twin.end());
    expect(revision).toBe(this.#twin.current);
  }

  async #commit(): Promise<void> {
    this.#durable = this.#twin.clone();
    await this.#backend.commit();
  }

  /** A crash in the middle of a commit: all rows are on disk, but not all of the index. */
  async #tear(after: number): Promise<void> {
    this.#durable = this.#twin.clone();
    this.#wasTorn = true;
    this.#place.indexOperationsLeft = after;
    this.#backend.wantIndex();
    await this.#backend.commit().catch(() => {});
    this.#place.indexOperationsLeft = Number.POSITIVE_INFINITY;
    await this.#crash();
  }

  async #compact(back: number, steps: number): Promise<void> {
    const revision = this.#twin.current - back;
    const previous = this.#twin.compacted;
    const isClean = !this.#store.isCompacting;
    const hash = this.#twin.hash(revision, true);
    const outcome = this.#twin.compact(revision);
    expect(this.#store.compact(revision)).toBe(outcome);
    for (let step = 0; step < steps; step++) {
      if (this.#store.compactStep({ maxOperations: 3 }).waits) await this.#commit();
    }
    if (outcome !== "ok" || this.#store.isCompacting || revision < 1) return;
    const stored = this.#store.hashByRevision(revision);
    if (stored.kind === "job") stored.close();
    if (!isClean) expect(stored.kind).toBe("job");
    else expect(stored).toMatchObject({ kind: "hash", hash, compactRevision: previous });
  }

  #range(from: string, to: string, back: number): void {
    const { current, compacted } = this.#twin;
    const revision = current - back;
    const selected = this.#store.range(bytes(from), bytes(to), { revision, limit: 0 });
    if (revision > current) return expect(selected.kind).toBe("future") as undefined;
    if (revision > 0 && revision < compacted) {
      return expect(selected.kind).toBe("compacted") as undefined;
    }
    const rows = this.#twin.alive(bytes(from), bytes(to), revision > 0 ? revision : current);
    expect(kvsOf(selected)).toEqual(rows.map(rowText));
    this.#rangeOptions(from, to, revision, rows);
    this.#events(Math.max(revision, compacted, 1));
    const at = revision > 0 ? revision : current;
    for (const { key: one } of this.#twin.latest(current)) {
      const [row] = this.#twin.alive(one, bytes(""), at);
      const found = this.#store.getAt(one, at);
      expect(found && text(found)).toBe(row && text(encodeRow(row)));
    }
  }

  #rangeOptions(from: string, to: string, revision: number, rows: readonly TwinRow[]): void {
    for (const limit of [1, 2]) {
      const some = this.#store.range(bytes(from), bytes(to), { revision, limit });
      expect(kvsOf(some)).toEqual(rows.slice(0, limit).map(rowText));
      expect(some).toMatchObject({ count: rows.length, revision: this.#twin.current });
    }
    const counted = this.#store.range(bytes(from), bytes(to), {
      revision,
      limit: 0,
      countOnly: true,
    });
    expect(counted).toMatchObject({ kvs: [], count: rows.length });
    const keys = this.#store.range(bytes(from), bytes(to), { revision, limit: 0, keysOnly: true });
    const bare = rows.map((row) => ({ ...row, value: bytes(""), lease: 0n }));
    if (to !== "") expect(kvsOf(keys)).toEqual(bare.map(rowText));
  }

  #events(from: number): void {
    const all = this.#twin.events(from, this.#twin.current);
    const seen: unknown[] = [];
    for (let next = from; next <= this.#twin.current; ) {
      const slice = this.#store.eventsFrom(next, this.#twin.current, 2, 1000);
      expect(slice.nextRevision).toBeGreaterThan(next);
      seen.push(...slice.events.map(eventText));
      next = slice.nextRevision;
    }
    // Rows below the compact revision may or may not have been removed yet.
    const above = (event: { main: number }): boolean => event.main > this.#twin.compacted;
    expect((seen as { main: number }[]).filter(above)).toEqual(all.filter(above));
  }

  #hash(): void {
    for (let revision = this.#twin.compacted; revision <= this.#twin.current; revision++) {
      if (revision < 1) continue;
      const job = this.#store.hashByRevision(revision);
      if (job.kind === "hash") continue;
      expect(job.kind).toBe("job");
      if (job.kind !== "job") return;
      for (;;) {
        const outcome = job.step(4);
        if (!outcome.done) continue;
        expect(outcome.result.hash).toBe(this.#twin.hash(revision));
        expect(outcome.result.compactRevision).toBe(this.#twin.compacted);
        break;
      }
    }
  }

  async #crash(): Promise<void> {
    this.#wasCrashed = true;
    await this.#place.crash(this.#backend);
    this.#backend = await this.#place.open();
    this.#twin = this.#durable.clone();
    this.#store = new MvccStore(this.#backend, { keyPartBytes: PART_BYTES });
  }
}

function asText(view: KvView): string {
  return text(view.bytes);
}

function rowText(row: TwinRow): string {
  return text(encodeRow(row));
}

function kvsOf(selected: ReturnType<MvccStore["range"]>): string[] | string {
  return selected.kind === "ok" ? selected.kvs.map(asText) : selected.kind;
}

function eventText(event: StoredEvent): unknown {
  const { kind, main, sub } = event;
  return { kind, key: text(event.key), kv: text(event.kv), main, sub };
}

describe("the key space and a naive twin of it", () => {
  const directories: string[] = [];

  function memoryPlace(): Place {
    const disk = new MemoryDisk();
    const beforeIndexOperation = async (): Promise<void> => {
      if (--place.indexOperationsLeft < 0) throw new Error("torn");
    };
    const place: Place = {
      open: async () => openMemoryBackend(disk, { indexOperations: 9, beforeIndexOperation }),
      crash: async () => {},
      indexOperationsLeft: Number.POSITIVE_INFINITY,
    };
    return place;
  }

  function lmdbPlace(): Place {
    const directory = mkdtempSync(join(tmpdir(), "mvcc-"));
    directories.push(directory);
    return {
      open: () => openLmdbBackend(directory, { indexOperations: 9 }),
      crash: (backend) => backend.close(),
      indexOperationsLeft: Number.POSITIVE_INFINITY,
    };
  }

  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  it.each(["memory", "lmdb"])(
    "agree about everything on a %s backend",
    async (kind) => {
      const steps = fc.array(step, { minLength: 5, maxLength: 60, size: "max" });
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const place = kind === "lmdb" ? lmdbPlace() : memoryPlace();
          const pair = new Pair(place, await place.open());
          for (const one of all) await pair.run(one);
          await pair.close();
        }),
        { numRuns: kind === "lmdb" ? 5 : 100 },
      );
      // Real commits wait for a real disk.
    },
    120_000,
  );

  it("agree when the rows come from another store", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 20 }),
        fc.nat(9),
        (txns, compactAt) => {
          const twin = new Twin();
          for (const changes of txns) {
            for (const one of changes) {
              if (one.do === "put") twin.put(bytes(one.key), new Uint8Array(one.size), one.lease);
              else twin.deleteRange(bytes(one.from), bytes(one.to));
            }
            twin.end();
          }
          if (compactAt > 0) twin.compact(Math.min(compactAt, twin.current));
          const backend = openMemoryBackend();
          const importer = new KeyRowImporter(backend, PART_BYTES);
          for (const row of twin.rows) importer.add(rowKey(row), encodeRow(row));
          const rows: string[] = [];
          backend.forEach("key", (at, value) => rows.push(`${text(at)} ${text(value)}`));
          expect(rows).toEqual(twin.rows.map((row) => `${text(rowKey(row))} ${rowText(row)}`));
          const store = new MvccStore(backend, { keyPartBytes: PART_BYTES });
          for (let at = Math.max(twin.compacted, 1); at <= store.currentRevision; at++) {
            const seen = store.range(bytes("\0"), bytes("\0"), { revision: at, limit: 0 });
            expect(kvsOf(seen)).toEqual(twin.alive(bytes("\0"), bytes("\0"), at).map(rowText));
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

function rowKey(row: TwinRow): Uint8Array {
  const at = Buffer.alloc(row.tombstone ? 18 : 17, "_________________t");
  at.writeBigUInt64BE(BigInt(row.main), 0);
  at.writeBigUInt64BE(BigInt(row.sub), 9);
  return at;
}
