// SPDX-License-Identifier: Apache-2.0
//
// Buckets as plain objects: what tests write and what they expect to read.

import { compareBytes } from "../../../base/bytes.ts";
import {
  type BoltBucket,
  BoltReader,
  type BoltWriter,
  type BoltWriterOptions,
  type FinishedBolt,
  writeBoltFile,
} from "../index.ts";
import { MemoryFile } from "./memory-file.ts";

/** Keys as latin-1 text; a value is text too, or a bucket. */
export type BucketModel = Map<string, string | BucketModel>;

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** The entries in byte order of their keys. */
export function sorted<T>(model: ReadonlyMap<string, T>): [string, T][] {
  return [...model].sort(([a], [b]) => compareBytes(bytesOf(a), bytesOf(b)));
}

export function writeModel(writer: BoltWriter, model: BucketModel): void {
  for (const [key, value] of sorted(model)) {
    if (typeof value === "string") {
      writer.put(bytesOf(key), bytesOf(value));
      continue;
    }
    writer.openBucket(bytesOf(key));
    writeModel(writer, value);
    writer.closeBucket();
  }
}

/** Writes a database of these buckets into memory. */
export function buildFile(
  model: BucketModel,
  options: BoltWriterOptions = {},
): { readonly file: MemoryFile; readonly finished: FinishedBolt } {
  const file = new MemoryFile();
  const finished = writeBoltFile(file, options, (writer) => writeModel(writer, model));
  return { file, finished };
}

export function readModel(bucket: BoltBucket): BucketModel {
  const model: BucketModel = new Map();
  const cursor = bucket.cursor();
  for (let found = cursor.first(); found; found = cursor.next()) {
    const key = textOf(cursor.key);
    if (cursor.isBucket) model.set(key, readModel(bucket.bucketAt(cursor)));
    else model.set(key, textOf(cursor.value));
  }
  return model;
}

export function readFile(bytes: Uint8Array): BucketModel {
  return readModel(new BoltReader(new MemoryFile(bytes)).root);
}

/** One bucket `k` with so many pairs; keys of 8 digits. */
export function numbered(count: number, value: (index: number) => string): BucketModel {
  const pairs: BucketModel = new Map();
  for (let index = 0; index < count; index++) {
    pairs.set(`${index}`.padStart(8, "0"), value(index));
  }
  return new Map([["k", pairs]]);
}
