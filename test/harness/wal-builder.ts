// SPDX-License-Identifier: Apache-2.0

import type { Entry } from "../../src/core/raft/index.ts";
import { listRecords, Wal, type WalOptions } from "../../src/core/wal/index.ts";
import { SimDisk } from "./sim-disk.ts";

export const WAL_DIRECTORY = "/m/wal";

/** An entry whose data is its index in words, repeated to about `bytes`. */
export function sampleEntry(index: number, options: { term?: number; bytes?: number } = {}): Entry {
  const word = `entry ${index}, `;
  const text = word.repeat(Math.ceil((options.bytes ?? word.length) / word.length));
  return { type: 0, term: options.term ?? 1, index, data: new TextEncoder().encode(text) };
}

/** Entries with indexes in [first, end). */
export function sampleEntries(first: number, end: number, options: { bytes?: number } = {}) {
  return Array.from({ length: end - first }, (_, at) => sampleEntry(first + at, options));
}

/** A closed log of entries 1 to `count`, one append and sync each, with the vote of member 7. */
export function buildWal(count: number, options: WalOptions & { bytes?: number } = {}): SimDisk {
  const disk = new SimDisk();
  const wal = Wal.create(disk, WAL_DIRECTORY, Buffer.from("metadata"), options);
  for (const entry of sampleEntries(1, count + 1, options)) {
    wal.append({ term: 1, vote: 7n, commit: entry.index }, [entry]);
    wal.syncNow();
  }
  wal.close();
  return disk;
}

/** The same disk with one file's content replaced. */
export function withFile(disk: SimDisk, path: string, bytes: Uint8Array): SimDisk {
  const copy = new SimDisk();
  for (const name of disk.list(WAL_DIRECTORY)) {
    const at = `${WAL_DIRECTORY}/${name}`;
    copy.placeFile(at, at === path ? bytes : disk.readFile(at));
  }
  return copy;
}

/** Offset of the last record and of the end of what is used, in a log of one segment. */
export function lastRecord(disk: SimDisk): { path: string; start: number; end: number } {
  const record = listRecords(disk, WAL_DIRECTORY).at(-1);
  const path = record?.file ?? "";
  const bytes = disk.readFile(path);
  let end = bytes.length;
  while (bytes[end - 1] === 0) end--;
  return { path, start: record?.offset ?? 0, end: Math.ceil(end / 8) * 8 };
}
