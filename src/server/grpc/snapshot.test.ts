// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { SnapshotResponse } from "../../api/gen/etcdserverpb.ts";
import type { StreamCall, StreamListener } from "../h2/index.ts";
import { type DatabaseStream, SnapshotService } from "./snapshot.ts";

const KIB = 1024;
const chunkSizes = [96 * KIB, 96 * KIB, 40 * KIB];
const hash = Buffer.alloc(32, 0xab);

/** A client that takes what it is lent when it is told to. */
class SlowCall {
  readonly path = "/etcdserverpb.Maintenance/Snapshot";
  readonly peerAddress = "@";
  readonly deadlineMs = undefined;
  readonly bufferedBytes = 0;
  readonly metadata = { get: () => undefined } as unknown as StreamCall["metadata"];
  readonly taken: SnapshotResponse[] = [];
  ended = false;
  failure: [number, string] | undefined;
  #lent: readonly (readonly Uint8Array[])[] = [];
  #arrived = Promise.withResolvers<void>();

  write(message: Uint8Array): boolean {
    this.taken.push(SnapshotResponse.decode(message.slice()));
    return true;
  }

  lend(messages: readonly (readonly Uint8Array[])[]): boolean {
    this.#lent = messages;
    this.#arrived.resolve();
    return false;
  }

  /** Waits for a loan, and reads it only now. */
  async take(listener: StreamListener): Promise<void> {
    await this.#arrived.promise;
    this.#arrived = Promise.withResolvers<void>();
    for (const pieces of this.#lent) this.write(Buffer.concat(pieces));
    this.#lent = [];
    listener.onDrain?.();
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

interface Fixture {
  readonly call: SlowCall;
  readonly listener: StreamListener;
  readonly closed: Promise<void>;
  readonly failures: string[];
  asked(): number;
}

/** Chunks share one memory, each full of its own number. */
function run(next?: (asked: number) => void): Fixture {
  const memory = new Uint8Array(96 * KIB);
  const closed = Promise.withResolvers<void>();
  const failures: string[] = [];
  let asked = 0;
  const database: DatabaseStream = {
    sizeBytes: chunkSizes.reduce((sum, size) => sum + size, 0),
    next: async () => {
      const size = chunkSizes[asked++];
      next?.(asked);
      if (size === undefined) return { kind: "end", hash };
      return { kind: "chunk", bytes: memory.subarray(0, size).fill(asked) };
    },
    close: closed.resolve,
  };
  const service = new SnapshotService({
    open: () => Promise.resolve(database),
    version: () => "3.7.0",
    failed: (error) => failures.push(error.message),
    checks: { hasLeader: () => true },
  });
  const call = new SlowCall();
  const listener = service.snapshot(call);
  listener.onMessage(new Uint8Array(0));
  listener.onHalfClose();
  return { call, listener, closed: closed.promise, failures, asked: () => asked };
}

test("a chunk is asked for when the one before, which it overwrites, has left", async () => {
  const { call, listener, closed, asked } = run();
  for (let chunk = 1; chunk <= chunkSizes.length; chunk++) {
    await call.take(listener);
    expect(asked()).toBe(chunk);
  }
  await closed;
  expect(call.ended).toBe(true);
  const sizes = call.taken.map(({ blob }) => blob.length);
  const blobs = [32, 32, 32, 32, 32, 32, 32, 8].map((size) => size * KIB);
  expect(sizes).toEqual([...blobs, hash.length]);
  const numbers = call.taken.map(({ blob }) => [...new Set(blob)]);
  expect(numbers).toEqual([[1], [1], [1], [2], [2], [2], [3], [3], [0xab]]);
  const remaining = call.taken.map(({ remainingBytes }) => remainingBytes / KIB);
  expect(remaining).toEqual([200, 168, 136, 104, 72, 40, 8, 0, 0]);
  expect(new Set(call.taken.map(({ version }) => version))).toEqual(new Set(["3.7.0"]));
});

test("a client that goes away while it was lent something ends the export", async () => {
  const { call, listener, closed, asked } = run();
  await call.take(listener);
  call.ended = true;
  listener.onCancel("cancelled");
  await closed;
  expect(asked()).toBeLessThanOrEqual(2);
  expect(call.failure).toBeUndefined();
});

test("an export that breaks off fails the call and is told", async () => {
  const { call, listener, closed, failures } = run((asked) => {
    if (asked === 2) throw new Error("read: input/output error");
  });
  await call.take(listener);
  await closed;
  await Promise.resolve();
  expect(call.failure).toEqual([13, "snapshot: read: input/output error"]);
  expect(failures).toEqual(["read: input/output error"]);
});
