// SPDX-License-Identifier: Apache-2.0

import type { CreateDigest } from "../../base/contracts/digest.ts";
import type { ByteSource } from "../bolt/index.ts";
import { EtcdDbError } from "./errors.ts";

/** A snapshot file is a database, whose size is a multiple of this, and its SHA-256. */
const SIZE_UNIT = 512;
export const SNAPSHOT_HASH_BYTES = 32;
const SLICE_BYTES = 1 << 20;

/** What a snapshot file says about itself. */
export type SnapshotTrailer =
  | { readonly kind: "missing"; readonly databaseBytes: number }
  | { readonly kind: "present"; readonly databaseBytes: number; readonly expected: Uint8Array };

/** Whether the file ends with a hash, which its size alone tells, and how long the database is. */
export function readTrailer(source: ByteSource): SnapshotTrailer {
  const size = source.size();
  if (size % SIZE_UNIT !== SNAPSHOT_HASH_BYTES) return { kind: "missing", databaseBytes: size };
  const databaseBytes = size - SNAPSHOT_HASH_BYTES;
  const expected = new Uint8Array(SNAPSHOT_HASH_BYTES);
  readAll(source, expected, databaseBytes);
  return { kind: "present", databaseBytes, expected };
}

export type SnapshotVerdict =
  /** The file has no hash: it was copied from a data directory, or cut. */
  | { readonly kind: "missing"; readonly databaseBytes: number }
  | { readonly kind: "good"; readonly databaseBytes: number; readonly actual: Uint8Array }
  | {
      readonly kind: "mismatch";
      readonly databaseBytes: number;
      readonly expected: Uint8Array;
      readonly actual: Uint8Array;
    };

/** Is told every slice of a database as it is read; must not keep it. */
export type TakeSlice = (slice: Uint8Array, position: number) => void;

/** Reads the file once, in slices of 1 MiB, and compares its hash. */
export function verifySnapshot(
  source: ByteSource,
  createSha256: CreateDigest,
  take?: TakeSlice,
): SnapshotVerdict {
  const steps = verifyingSteps(source, createSha256, take);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, with a pause behind each slice. */
export function* verifyingSteps(
  source: ByteSource,
  createSha256: CreateDigest,
  take: TakeSlice = () => undefined,
): Generator<undefined, SnapshotVerdict> {
  const trailer = readTrailer(source);
  const { databaseBytes } = trailer;
  const digest = createSha256();
  const slice = new Uint8Array(Math.min(SLICE_BYTES, databaseBytes));
  for (let position = 0; position < databaseBytes; position += slice.length) {
    const part = slice.subarray(0, Math.min(slice.length, databaseBytes - position));
    readAll(source, part, position);
    digest.update(part);
    take(part, position);
    yield;
  }
  if (trailer.kind === "missing") return trailer;
  const actual = digest.finish();
  const { expected } = trailer;
  return Buffer.compare(expected, actual) === 0
    ? { kind: "good", databaseBytes, actual }
    : { kind: "mismatch", databaseBytes, expected, actual };
}

function readAll(source: ByteSource, target: Uint8Array, position: number): void {
  if (source.readInto(target, position) === target.length) return;
  throw new EtcdDbError(source.path, "-", "the file has become shorter while it was read");
}
