// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { KVService, RangeRequest, RangeStreamResponse } from "../../api/gen/etcdserverpb.ts";
import { MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { MvccStore } from "../../core/mvcc/index.ts";
import type { Metadata, StreamCall } from "../h2/index.ts";
import { Slices } from "../replica/slices.ts";
import { RangeStreamService } from "./range-stream.ts";

/** A client that takes as many messages as it is told to. */
class FakeCall implements StreamCall {
  readonly path = KVService.rangeStream.path;
  readonly metadata = { get: () => undefined } as unknown as Metadata;
  readonly peerAddress = "127.0.0.1:1";
  readonly deadlineMs = undefined;
  readonly bufferedBytes = 0;
  ended = false;
  takes = 0;
  readonly written: RangeStreamResponse[] = [];
  readonly sizes: number[] = [];
  failure: [number, string] | undefined;

  write(message: Uint8Array): boolean {
    this.sizes.push(message.length);
    this.written.push(RangeStreamResponse.decode(message.slice()));
    return this.written.length < this.takes;
  }

  lend(messages: readonly (readonly Uint8Array[])[]): boolean {
    return messages.map((pieces) => this.write(Buffer.concat(pieces))).every(Boolean);
  }

  end(): void {
    this.ended = true;
  }

  fail(code: number, message: string): void {
    this.ended = true;
    this.failure = [code, message];
  }

  pause(): void {}
  resume(): void {}
}

function put(store: MvccStore, key: string, bytes: number): void {
  const txn = store.write();
  txn.put(Buffer.from(key), new Uint8Array(bytes), 0n);
  txn.end();
}

function open(fill: (store: MvccStore) => void, requestBytesMax = 1000) {
  const store = new MvccStore(openMemoryBackend(new MemoryDisk()));
  fill(store);
  const turns: (() => void)[] = [];
  const slices = new Slices({ monotonicMs: () => 0, unixMs: () => 0 }, (turn) => turns.push(turn));
  const status = { term: 2, leader: 2n, isLeader: true, committedIndex: 1, appliedIndex: 1 };
  const service = new RangeStreamService({
    replica: {
      clusterId: 1n,
      memberId: 2n,
      store,
      status: () => status,
      read: (waiter) => waiter.serve(),
    },
    slices,
    times: { now: () => 0, rangeDone: () => {} },
    checks: { hasLeader: () => true },
    requestBytesMax,
  });
  const call = new FakeCall();
  const listener = service.rangeStream(call);
  const begin = (request: Partial<RangeRequest> = {}): void => {
    const all = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
    listener.onMessage(RangeRequest.encode({ ...all, ...request }));
    listener.onHalfClose();
  };
  return { store, call, listener, begin };
}

const hundred = (store: MvccStore): void => {
  for (let at = 100; at < 200; at++) put(store, `key${at}`, 100);
};

test("a client that takes nothing more gets nothing more, and all of it later", () => {
  const { call, listener, begin } = open(hundred);
  call.takes = 3;
  begin();
  expect(call.written).toHaveLength(3);
  call.takes = 1000;
  listener.onDrain?.();
  expect(call.ended).toBe(true);
  const kvs = call.written.flatMap(({ rangeResponse }) => rangeResponse?.kvs ?? []);
  expect(kvs).toHaveLength(100);
  expect(call.written.at(-1)?.rangeResponse?.count).toBe(100);
});

test("chunks come near the wanted size and never hold much more", () => {
  const { call, begin } = open((store) => {
    for (let at = 100; at < 300; at++) put(store, `key${at}`, 5);
    for (let at = 300; at < 320; at++) put(store, `key${at}`, 2500);
  });
  call.takes = 1000;
  begin();
  expect(call.ended).toBe(true);
  expect(Math.max(...call.sizes)).toBeLessThan(1000 + 2700);
  expect(call.written.slice(-3).map((each) => each.rangeResponse?.kvs.length)).toEqual([1, 1, 1]);
});

test("a compaction that overtakes a slow client ends its stream", () => {
  const { store, call, listener, begin } = open(hundred);
  call.takes = 2;
  begin();
  put(store, "key100", 1);
  store.compact(store.currentRevision);
  call.takes = 1000;
  listener.onDrain?.();
  expect(call.failure?.[1]).toBe("etcdserver: mvcc: required revision has been compacted");
});

test("a client that is gone is read for no longer", () => {
  const { call, listener, begin } = open(hundred);
  call.takes = 1;
  begin();
  call.ended = true;
  listener.onCancel("cancelled");
  listener.onDrain?.();
  expect(call.written).toHaveLength(1);
});

test("bytes that are no request are refused in gRPC's words", () => {
  const { call, listener } = open(() => {});
  listener.onMessage(Uint8Array.of(0x0a, 0x7f));
  listener.onHalfClose();
  expect(call.failure?.[1]).toMatch(/^grpc: failed to unmarshal the received message: proto: /);
});
