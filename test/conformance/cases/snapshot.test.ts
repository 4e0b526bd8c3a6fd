// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import {
  KVService,
  MaintenanceService,
  type SnapshotResponse,
} from "../../../src/api/gen/etcdserverpb.ts";
import { BoltReader, checkBolt } from "../../../src/core/bolt/index.ts";
import { MemoryFile } from "../../../src/core/bolt/testing/memory-file.ts";
import { hashKv } from "../../../src/core/etcd-db/index.ts";
import { expectRefusal, refusal, refusalOf } from "../subjects/refusal.ts";
import { bytes } from "../subjects/requests.ts";
import { type Store, sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

const hashBytes = 32;
const blobBytesMax = 32 * 1024;

interface Reading {
  readonly messages: SnapshotResponse[];
  readonly ended: Promise<void>;
  cancel(): void;
  readonly begun: Promise<void>;
}

function read(store: Store, deadlineMs = 30_000): Reading {
  const call = store.client.serverStream(MaintenanceService.snapshot, {}, { deadlineMs });
  const messages: SnapshotResponse[] = [];
  const begun = Promise.withResolvers<void>();
  call.on("data", (message: SnapshotResponse) => {
    messages.push(message);
    begun.resolve();
  });
  const ended = new Promise<void>((resolve, reject) => {
    call.on("error", reject);
    call.on("end", resolve);
  });
  return { messages, ended, begun: begun.promise, cancel: () => call.cancel() };
}

/** Larger than what a client's windows take at once. */
async function fill(store: Store): Promise<void> {
  const value = new Uint8Array(250_000).fill(0x61);
  for (let at = 0; at < 40; at++) {
    await store.client.unary(KVService.put, { key: bytes(`big/${at}`), value });
  }
}

describeCases("snapshots", () => {
  const store = sharedStore();

  test("S-414 a snapshot is blobs with falling remaining bytes, then their SHA-256", async () => {
    await fill(store());
    const { messages, ended } = read(store());
    await ended;
    const last = messages.pop();
    expect(last?.blob.length).toBe(hashBytes);
    expect(last?.remainingBytes).toBe(0);
    let left = messages.reduce((sum, { blob }) => sum + blob.length, 0);
    for (const { blob, remainingBytes, version, header } of messages) {
      left -= blob.length;
      expect(blob.length).toBeLessThanOrEqual(blobBytesMax);
      expect(remainingBytes).toBe(left);
      expect(version).toBe("3.7.0");
      expect(header).toBeUndefined();
    }
    expect(left).toBe(0);
  });

  test("S-415 the end is the SHA-256 of a whole database with the store's hash", async () => {
    await store().putAll("a", "b", "c");
    await store().client.unary(KVService.deleteRange, { key: bytes("b") });
    const live = await store().client.unary(MaintenanceService.hashKV, {});
    const { messages, ended } = read(store());
    await ended;
    const whole = Buffer.concat(messages.map(({ blob }) => blob));
    const database = whole.subarray(0, -hashBytes);
    const sum = createHash("sha256").update(database).digest();
    expect(whole.subarray(-hashBytes).equals(sum)).toBe(true);
    const file = new MemoryFile();
    file.write(database, 0);
    const reader = new BoltReader(file);
    expect(checkBolt(reader).findings).toEqual([]);
    expect(hashKv(reader, 0)).toMatchObject({ hash: live.hash });
  });

  test("S-416 a snapshot that the client cancels ends with that", async () => {
    await fill(store());
    const reading = read(store());
    await reading.begun;
    reading.cancel();
    await expectRefusal(reading.ended, refusal("CANCELLED", "Cancelled on client"));
    expect(reading.messages.at(-1)?.remainingBytes).toBeGreaterThan(0);
  });

  test("S-417 a snapshot whose deadline passes ends with that", async () => {
    await fill(store());
    const reading = read(store(), 1);
    const outcome = await reading.ended.then(() => undefined, refusalOf);
    expect(outcome?.code).toBe("DEADLINE_EXCEEDED");
  });
});
