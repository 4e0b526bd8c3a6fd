// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { CHUNK_BYTES, OperationLog, visitOperations } from "./operation-log.ts";
import { type Parcel, ParcelPacker, SPARE_PARCELS_MAX, spareOf } from "./parcels.ts";

function logOf(valueBytes: readonly number[]): OperationLog {
  const log = new OperationLog();
  for (const [at, bytes] of valueBytes.entries()) {
    const operation = log.beginPut(1, Uint8Array.of(at), bytes);
    const start = log.valueStart(operation);
    log.buffer(operation).fill(at, start, start + bytes);
    log.finishPut(start + bytes);
  }
  return log;
}

function packAll(packer: ParcelPacker, log: OperationLog): Parcel[] {
  const parcels: Parcel[] = [];
  for (let first = 0; first < log.chunkCount; ) {
    const { parcel, next } = packer.pack(log, first);
    parcels.push(parcel);
    first = next;
  }
  return parcels;
}

function views(parcels: readonly Parcel[]): Uint8Array<ArrayBuffer>[] {
  return parcels.map(({ memory, usedBytes }) => new Uint8Array(memory, 0, usedBytes));
}

test("a log of small and large operations arrives whole and in order", () => {
  const sizes = Array.from({ length: 200 }, (_, at) => (at % 50 === 49 ? CHUNK_BYTES * 1.5 : 9000));
  const parcels = packAll(new ParcelPacker(), logOf(sizes));
  const seen: number[] = [];
  visitOperations(views(parcels), (_table, isPut, buffer, keyStart, valueStart, valueEnd) => {
    expect(isPut).toBe(true);
    const written = Buffer.alloc(sizes[seen.length] ?? 0, seen.length);
    expect(buffer.subarray(valueStart, valueEnd).equals(written)).toBe(true);
    seen.push(buffer[keyStart] ?? -1);
  });
  expect(seen).toEqual(sizes.map((_, at) => at));
});

test("the small chunks that a log begins with travel together", () => {
  const log = logOf(Array.from({ length: 100 }, () => 5000));
  expect(log.chunkCount).toBeGreaterThan(3);
  expect(packAll(new ParcelPacker(), log)).toHaveLength(1);
});

test("memory that comes back is used again, up to a limit, and large memory does not", () => {
  const packer = new ParcelPacker();
  const large = packAll(packer, logOf([CHUNK_BYTES * 2]));
  expect(spareOf(views(large))).toEqual([]);
  const log = logOf(Array.from({ length: 20 }, () => CHUNK_BYTES - 100));
  const first = packAll(packer, log);
  const spare = spareOf(views(first));
  expect(spare).toHaveLength(SPARE_PARCELS_MAX);
  packer.takeBack(spare);
  packer.takeBack(spareOf(views(first.slice(SPARE_PARCELS_MAX))));
  const again = packAll(packer, log).filter(({ memory }) => spare.includes(memory));
  expect(again).toHaveLength(SPARE_PARCELS_MAX);
});
