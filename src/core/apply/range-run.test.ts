// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  RangeRequest,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../api/gen/etcdserverpb.ts";
import { MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { KvView, MvccStore } from "../mvcc/index.ts";
import { type ApplyResult, executeRange, RangeRun } from "./index.ts";
import { SortedPairs } from "./sorted-pairs.ts";

const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };

function filled(): MvccStore {
  const store = new MvccStore(openMemoryBackend(new MemoryDisk()));
  for (let at = 0; at < 60; at++) write(store, `key${(at * 7) % 40}`, `value ${(at * 13) % 60}`);
  return store;
}

function write(store: MvccStore, key: string, value: string): void {
  const txn = store.write();
  txn.put(Buffer.from(key), Buffer.from(value), 0n);
  txn.end();
}

function shown(result: ApplyResult | undefined): string {
  return JSON.stringify(result, (_, value: unknown) =>
    value instanceof KvView ? Buffer.from(value.bytes).toString("hex") : value,
  );
}

function run(store: MvccStore, request: RangeRequest, between: () => void = () => {}): string {
  const range = new RangeRun(store, request);
  while (range.result === undefined) {
    range.step(3);
    if (range.result === undefined) between();
  }
  return shown(range.result);
}

/** The pairs of a plain range come through the sink, in pieces; those of another one do not. */
function runInto(store: MvccStore, request: RangeRequest): string {
  const pairs: string[] = [];
  let begun = -1;
  const range = new RangeRun(store, request, {
    begin: (revision) => {
      begun = revision;
    },
    pair: (buffer, start, end) => {
      expect(begun).toBe(store.currentRevision);
      pairs.push(Buffer.from(buffer.subarray(start, end)).toString("hex"));
    },
  });
  while (range.result === undefined) range.step(3);
  if (range.result.kind === "error" || pairs.length === 0) return shown(range.result);
  expect(range.result.kvs).toEqual([]);
  return JSON.stringify({ ...range.result, kvs: pairs });
}

const { KEY, VERSION, MOD, VALUE } = SortTarget;
const requests: Partial<RangeRequest>[] = [
  {},
  { limit: 5 },
  { limit: 40 },
  { limit: 39 },
  { countOnly: true },
  { countOnly: true, limit: 3 },
  { keysOnly: true, limit: 7 },
  { keysOnly: true, sortTarget: VALUE, sortOrder: SortOrder.ASCEND },
  { revision: 30 },
  { revision: 30, limit: 4 },
  { revision: 30, countOnly: true },
  { sortOrder: SortOrder.DESCEND, limit: 5 },
  { sortOrder: SortOrder.ASCEND, sortTarget: KEY, limit: 5 },
  { sortOrder: SortOrder.NONE, sortTarget: VERSION, limit: 5 },
  { sortOrder: SortOrder.DESCEND, sortTarget: MOD },
  { minModRevision: 40 },
  { maxModRevision: 40, limit: 5 },
  { minCreateRevision: 10, maxCreateRevision: 20, countOnly: true },
  { revision: 1000 },
];

test("a range in steps answers what it does at once", () => {
  const store = filled();
  for (const more of requests) {
    const request = RangeRequest.create({ ...everything, ...more });
    expect(run(store, request), shown(executeRange(store, request))).toBe(
      shown(executeRange(store, request)),
    );
  }
});

test("what goes to a sink is what an answer of objects holds, large values included", () => {
  const store = filled();
  write(store, "key3", "x".repeat(100_000));
  write(store, "key4", "y".repeat(700_000));
  for (const more of requests) {
    const request = RangeRequest.create({ ...everything, ...more });
    expect(runInto(store, request)).toBe(shown(executeRange(store, request)));
  }
});

test("a step sorts or merges no more than it is told to", () => {
  const kv = (at: number) => new KvView(Buffer.alloc(1), at, at + 1);
  let compared = 0;
  for (const limit of [0, 7, 64]) {
    const numbers = Array.from({ length: 500 }, (_, at) => (at * 7919) % 97);
    const order = (a: KvView, b: KvView): number => {
      compared++;
      return (numbers[a.start] ?? 0) - (numbers[b.start] ?? 0);
    };
    const sorted = new SortedPairs(order, limit);
    const all = numbers.map((_, at) => kv(at));
    for (let at = 0; at < all.length; at += 30) sorted.add(all.slice(at, at + 30));
    let result: readonly KvView[] | undefined;
    while (result === undefined) {
      compared = 0;
      result = sorted.step(20);
      expect(compared).toBeLessThanOrEqual(20);
    }
    const expected = all.toSorted(order).slice(0, limit === 0 ? all.length : limit);
    expect(result.map(({ start }) => start)).toEqual(expected.map(({ start }) => start));
  }
});

test("the answer is the state of one revision, with writes and compactions between the steps", () => {
  for (const more of requests) {
    const store = filled();
    const request = RangeRequest.create({ ...everything, ...more });
    const answers = new Set([shown(executeRange(store, request))]);
    let count = 0;
    const answer = run(store, request, () => {
      count++;
      write(store, `key${count * 11}`, "later");
      if (count === 3) {
        store.compact(store.currentRevision - 1);
        store.compactStep({ maxOperations: 1000 });
      }
      answers.add(shown(executeRange(store, request)));
    });
    expect(answers, answer).toContain(answer);
  }
});

test("what is compacted or in the future is refused before the first step", () => {
  const store = filled();
  store.compact(20);
  const at = (revision: number) =>
    new RangeRun(store, RangeRequest.create({ ...everything, revision })).result;
  expect(at(19)).toEqual({ kind: "error", error: "compacted" });
  expect(at(1000)).toEqual({ kind: "error", error: "futureRevision" });
});
