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
