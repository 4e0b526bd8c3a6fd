// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  type RangeRequest,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
  TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import type { Init } from "../../api/message-codec.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { executeReadTxn, planReadTxn } from "../../core/apply/index.ts";
import { type Backend, MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { MvccStore } from "../../core/mvcc/index.ts";
import type { Metadata, UnaryCall } from "../h2/index.ts";
import { writeResultBody } from "./kv-encoding.ts";
import { ReadTxnWork } from "./read-txn-work.ts";

class FakeCall implements UnaryCall {
  readonly path = "/";
  readonly metadata = { get: () => undefined } as unknown as Metadata;
  readonly peerAddress = "";
  readonly deadlineMs = undefined;
  ended = false;
  answer: Buffer | undefined;

  respond(message: Uint8Array): void {
    this.answer = Buffer.from(message);
  }

  making(): boolean {
    return true;
  }

  respondPages(pages: readonly Uint8Array[]): void {
    this.answer = Buffer.concat(pages);
  }

  fail(): void {}
  onCancel(): void {}
}

function filled(
  keys: number,
  valueBytes: number,
  backend: Backend = openMemoryBackend(new MemoryDisk()),
): MvccStore {
  const store = new MvccStore(backend, { compactionHashes: false });
  for (let at = 0; at < keys; at++) put(store, at, valueBytes);
  return store;
}

function put(store: MvccStore, at: number, valueBytes: number): void {
  const txn = store.write();
  txn.put(Buffer.from(`key${(at * 7919) % 5000}`), Buffer.alloc(valueBytes, at), 0n);
  txn.end();
}

const all = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
const read = (range: Init<RangeRequest> = {}) => ({ requestRange: { ...all, ...range } });

function sample(): TxnRequest {
  const value = { sortTarget: SortTarget.VALUE, sortOrder: SortOrder.DESCEND };
  const message = TxnRequest.encode({
    success: [
      read(),
      read({ key: Buffer.from("key5"), rangeEnd: new Uint8Array(0) }),
      read({ limit: 7 }),
      { requestTxn: { success: [read({ revision: 50, limit: 3 }), read({ countOnly: true })] } },
      read({ keysOnly: true }),
      read({ ...value, limit: 5 }),
      { requestTxn: {} },
      read({ minModRevision: 60 }),
    ],
  });
  return TxnRequest.decode(message);
}

function atOnce(store: MvccStore, request: TxnRequest): Buffer {
  const result = executeReadTxn(store, request);
  if (result.kind === "error") throw new Error(result.error);
  const writer = new WireWriter();
  writeResultBody(writer, result);
  return Buffer.from(writer.view());
}

function begin(store: MvccStore, request: TxnRequest, call: UnaryCall): ReadTxnWork {
  const planned = planReadTxn(store, request);
  if (planned.kind === "error") throw new Error(planned.error);
  const { plan } = planned;
  return new ReadTxnWork({ call, store, plan, writeHeader: () => {}, responded: () => {} });
}

test("in pieces, with writes and a compaction between, it is answered as at once", () => {
  for (const [keys, valueBytes] of [
    [3000, 10],
    [60, 40_000],
  ] as const) {
    const store = filled(keys, valueBytes);
    const expected = atOnce(store, sample());
    const call = new FakeCall();
    const work = begin(store, sample(), call);
    let steps = 0;
    while (!work.step()) {
      put(store, steps++, valueBytes);
      if (steps === 2) {
        store.compact(store.currentRevision);
        store.compactStep({ maxOperations: 1000 });
      }
    }
    expect(steps).toBeGreaterThan(8);
    expect(call.answer?.equals(expected)).toBe(true);
  }
});

test("when the client has left, what was held for it is given free", async () => {
  const backend = openMemoryBackend(new MemoryDisk());
  const store = filled(3000, 10, backend);
  const call = new FakeCall();
  const work = begin(store, sample(), call);
  work.step();
  call.ended = true;
  expect(work.step()).toBe(true);
  expect(call.answer).toBeUndefined();
  put(store, 0, 10);
  store.compact(store.currentRevision);
  for (let at = 0; at < 20 && store.isCompacting; at++) {
    backend.wantIndex();
    await backend.commit();
    store.compactStep({ maxOperations: 5000 });
  }
  expect(store.isCompacting).toBe(false);
});
