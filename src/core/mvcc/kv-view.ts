// SPDX-License-Identifier: Apache-2.0

import { EMPTY_BYTES } from "../../base/bytes.ts";
import { readVarint, readVarint64, writeVarint, writeVarint64 } from "../../base/varint.ts";
import { WireReader } from "../../base/wire-reader.ts";

export const TAG_KEY = 0x0a;
export const TAG_CREATE_REVISION = 0x10;
export const TAG_MOD_REVISION = 0x18;
export const TAG_VERSION = 0x20;
export const TAG_VALUE = 0x2a;
const TAG_LEASE = 0x30;

/** Room that a `KeyValue` needs beside its key and value. */
export const KEY_VALUE_OVERHEAD_BYTES = 80;

/** What stands in a pair, and where. */
class Fields {
  createRevision = 0;
  modRevision = 0;
  version = 0;
  lease = 0n;
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;

  constructor(buffer: Uint8Array, start: number, end: number) {
    const reader = new WireReader(buffer, start, end);
    while (reader.position < reader.end) {
      const tag = reader.uint32();
      switch (tag) {
        case TAG_KEY:
          this.keyEnd = reader.message();
          this.keyStart = reader.position;
          reader.position = this.keyEnd;
          break;
        case TAG_CREATE_REVISION:
          this.createRevision = reader.int64Number();
          break;
        case TAG_MOD_REVISION:
          this.modRevision = reader.int64Number();
          break;
        case TAG_VERSION:
          this.version = reader.int64Number();
          break;
        case TAG_VALUE:
          this.valueEnd = reader.message();
          this.valueStart = reader.position;
          reader.position = this.valueEnd;
          break;
        case TAG_LEASE:
          this.lease = reader.int64();
          break;
        default:
          reader.skip(tag);
      }
    }
  }
}

/**
 * An encoded `mvccpb.KeyValue` where it lies in memory. Fields are found on first use: most pairs
 * are only copied into an answer. All bytes share memory that is never written again.
 */
export class KvView {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
  #known: Fields | undefined;

  constructor(buffer: Uint8Array, start: number, end: number) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }

  /** The whole encoded message. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(this.start, this.end);
  }

  get key(): Uint8Array {
    const { keyStart, keyEnd } = this.#fields;
    return this.buffer.subarray(keyStart, keyEnd);
  }

  get value(): Uint8Array {
    const { valueStart, valueEnd } = this.#fields;
    if (valueEnd === valueStart) return EMPTY_BYTES;
    return this.buffer.subarray(valueStart, valueEnd);
  }

  get hasKey(): boolean {
    const { keyStart, keyEnd } = this.#fields;
    return keyEnd > keyStart;
  }

  get valueBytes(): number {
    const { valueStart, valueEnd } = this.#fields;
    return valueEnd - valueStart;
  }

  get createRevision(): number {
    return this.#fields.createRevision;
  }

  get modRevision(): number {
    return this.#fields.modRevision;
  }

  get version(): number {
    return this.#fields.version;
  }

  get lease(): bigint {
    return this.#fields.lease;
  }

  get #fields(): Fields {
    this.#known ??= new Fields(this.buffer, this.start, this.end);
    return this.#known;
  }
}

/** The numbers of a pair that a write of its key needs. Reused from row to row. */
export class PairFields {
  createRevision = 0;
  modRevision = 0;
  version = 0;
  /** Where value and lease begin, or the pair ends. */
  end = 0;
  lease = 0n;
  readonly #position = { at: 0 };

  /** Reads the pair in `buffer`; its key comes first, then three of these, its value, the lease. */
  read(buffer: Uint8Array, start: number, end: number): void {
    const position = this.#position;
    position.at = start;
    this.createRevision = 0;
    this.modRevision = 0;
    this.version = 0;
    this.lease = 0n;
    this.end = end;
    if (buffer[start] === TAG_KEY) {
      position.at = start + 1;
      const keyBytes = readVarint(buffer, position);
      position.at += keyBytes;
    }
    while (position.at < end) {
      const tag = buffer[position.at] as number;
      if (tag === TAG_VALUE || tag === TAG_LEASE) this.end = Math.min(this.end, position.at);
      position.at++;
      if (tag === TAG_LEASE) {
        this.lease = readVarint64(buffer, position);
        continue;
      }
      const value = readVarint(buffer, position);
      if (tag === TAG_VALUE) {
        position.at += value;
        continue;
      }
      if (tag === TAG_CREATE_REVISION) this.createRevision = value;
      else if (tag === TAG_MOD_REVISION) this.modRevision = value;
      else this.version = value;
    }
  }
}

/** Writes the key field, as a tombstone's row has it; gives the position behind it. */
export function writeKeyField(into: Uint8Array, at: number, key: Uint8Array): number {
  if (key.length === 0) return at;
  into[at] = TAG_KEY;
  const start = writeVarint(into, at + 1, key.length);
  if (key.length > 24) into.set(key, start);
  else for (let from = 0; from < key.length; from++) into[start + from] = key[from] as number;
  return start + key.length;
}

export function writeModRevision(into: Uint8Array, at: number, revision: number): number {
  into[at] = TAG_MOD_REVISION;
  return writeVarint(into, at + 1, revision);
}

/** Writes a pair; an empty value and a zero lease are left out, and an undefined value. */
export function writeKeyValue(
  into: Uint8Array,
  start: number,
  key: Uint8Array,
  value: Uint8Array | undefined,
  createRevision: number,
  modRevision: number,
  version: number,
  lease: bigint,
): number {
  let at = writeKeyField(into, start, key);
  into[at] = TAG_CREATE_REVISION;
  at = writeVarint(into, at + 1, createRevision);
  at = writeModRevision(into, at, modRevision);
  into[at] = TAG_VERSION;
  at = writeVarint(into, at + 1, version);
  if (value !== undefined && value.length > 0) {
    into[at] = TAG_VALUE;
    at = writeVarint(into, at + 1, value.length);
    into.set(value, at);
    at += value.length;
  }
  if (lease !== 0n) {
    into[at] = TAG_LEASE;
    at = writeVarint64(into, at + 1, lease);
  }
  return at;
}
