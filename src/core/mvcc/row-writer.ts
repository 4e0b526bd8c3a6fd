// SPDX-License-Identifier: Apache-2.0

import type { Backend } from "../backend/index.ts";
import type { Arena } from "./arena.ts";
import { PutEvent, type StoredEvent, TombstoneEvent } from "./event.ts";
import {
  FLAG_APART,
  HEAD_OVERHEAD_BYTES,
  Head,
  Mark,
  TRAILER_BYTES_MAX,
  writeFirstHead,
  writeNextHead,
  writeTrailer,
} from "./head.ts";
import type { KeyIndex } from "./key-index.ts";
import {
  KEY_VALUE_OVERHEAD_BYTES,
  type KeyValueFields,
  KvView,
  writeKeyField,
  writeKeyValue,
  writeModRevision,
} from "./kv-view.ts";
import { encodeRevision, REVISION_BYTES, TOMBSTONE_BYTES, writeRevision } from "./revision.ts";

/** Pairs of more bytes are kept once, under their revision; smaller ones in the index as well. */
export const INLINE_BYTES_MAX = 1024;

/** Writes rows: the change under its revision, and the key's new head. */
export class RowWriter {
  readonly #backend: Backend;
  readonly #index: KeyIndex;
  readonly #arena: Arena;
  readonly #old = new Head();
  readonly #previous = new Mark();
  readonly #jump = new Mark();
  readonly #putKey = new Uint8Array(REVISION_BYTES);
  readonly #tombstoneKey = new Uint8Array(TOMBSTONE_BYTES);

  #oldCreateRevision = 0;
  #oldVersion = 0;

  constructor(backend: Backend, index: KeyIndex, arena: Arena) {
    this.#backend = backend;
    this.#index = index;
    this.#arena = arena;
  }

  put(key: Uint8Array, value: Uint8Array, lease: bigint, main: number, sub: number): StoredEvent {
    return this.#write(key, value, main, sub, { lease });
  }

  /** Deletes a key that exists. */
  delete(key: Uint8Array, main: number, sub: number): StoredEvent {
    return this.#bury(key, main, sub);
  }

  #write(
    key: Uint8Array,
    value: Uint8Array,
    main: number,
    sub: number,
    given: KeyValueFields | { readonly lease: bigint },
  ): StoredEvent {
    const { heads, graves } = this.#index;
    let old = heads.get(key);
    const exists = old !== undefined;
    if (old === undefined && graves.mayHoldRows) old = graves.get(key);
    const isApart = key.length + value.length > INLINE_BYTES_MAX;
    const room = key.length + value.length + KEY_VALUE_OVERHEAD_BYTES;
    const start = this.#arena.reserve(room + HEAD_OVERHEAD_BYTES + TRAILER_BYTES_MAX);
    const { buffer } = this.#arena;
    const pairStart = this.#writeHead(buffer, start, old, isApart ? FLAG_APART : 0, sub);
    const fields = "version" in given ? given : this.#nextFields(main, given.lease);
    const pairEnd = writeKeyValue(buffer, pairStart, key, value, fields);
    const rowEnd = writeTrailer(buffer, pairEnd, this.#previous, this.#jump);
    this.#arena.take(rowEnd);
    writeRevision(this.#putKey, main, sub, false);
    this.#backend.put("key", this.#putKey, buffer.subarray(pairStart, rowEnd), "absent");
    if (!exists && old !== undefined) graves.delete(key);
    const below = exists ? "present" : "absent";
    if (!isApart) heads.put(key, buffer.subarray(start, pairEnd), below);
    else heads.put(key, headApart(buffer.subarray(start, pairStart), key, fields), below);
    return new PutEvent(buffer, pairStart, pairEnd, main, sub);
  }

  /** The fields of a put that follows what `#writeHead` has seen. */
  #nextFields(main: number, lease: bigint): KeyValueFields {
    const { isSet, tombstone } = this.#previous;
    if (!isSet || tombstone) {
      return { createRevision: main, modRevision: main, version: 1, lease };
    }
    return {
      createRevision: this.#oldCreateRevision,
      modRevision: main,
      version: this.#oldVersion + 1,
      lease,
    };
  }

  #bury(key: Uint8Array, main: number, sub: number): StoredEvent {
    const { heads, graves } = this.#index;
    let old = heads.get(key);
    const exists = old !== undefined;
    if (old === undefined && graves.mayHoldRows) old = graves.get(key);
    const room = (key.length + KEY_VALUE_OVERHEAD_BYTES) * 2;
    const start = this.#arena.reserve(room + HEAD_OVERHEAD_BYTES + TRAILER_BYTES_MAX);
    const { buffer } = this.#arena;
    const pairStart = this.#writeHead(buffer, start, old, 0, sub);
    const keyEnd = writeKeyField(buffer, pairStart, key);
    const pairEnd = writeModRevision(buffer, keyEnd, main);
    const trailerStart = writeKeyField(buffer, pairEnd, key);
    const rowEnd = writeTrailer(buffer, trailerStart, this.#previous, this.#jump);
    this.#arena.take(rowEnd);
    writeRevision(this.#tombstoneKey, main, sub, true);
    this.#backend.put("key", this.#tombstoneKey, buffer.subarray(pairEnd, rowEnd), "absent");
    if (exists) heads.delete(key);
    graves.put(key, buffer.subarray(start, pairEnd), exists ? "absent" : "unknown");
    return new TombstoneEvent(buffer, pairStart, pairEnd, main, sub);
  }

  /** Writes a row that another store has made, and its head. */
  take(main: number, sub: number, tombstone: boolean, pair: Uint8Array): void {
    const { key } = new KvView(pair, 0, pair.length);
    if (key.length === 0) this.#takeWithoutKey(main, sub, tombstone, pair);
    else if (!tombstone) this.#takePair(main, sub, key, pair);
    else this.#bury(key, main, sub);
  }

  /** A restore with a bumped revision leaves such a row: it only carries its revision. */
  #takeWithoutKey(main: number, sub: number, tombstone: boolean, pair: Uint8Array): void {
    const row = new Uint8Array(pair.length + 1);
    row.set(pair);
    this.#backend.put("key", encodeRevision(main, sub, tombstone), row, "absent");
  }

  #takePair(main: number, sub: number, key: Uint8Array, pair: Uint8Array): void {
    const { value, lease, createRevision, version } = new KvView(pair, 0, pair.length);
    this.#write(key, value, main, sub, { createRevision, modRevision: main, version, lease });
  }

  /** Writes what of a head row comes before its pair, and sets the marks for the trailer. */
  #writeHead(
    buffer: Uint8Array,
    start: number,
    old: Uint8Array | undefined,
    flags: number,
    sub: number,
  ): number {
    if (old === undefined) {
      this.#previous.clear();
      this.#jump.clear();
      return writeFirstHead(buffer, start, flags, sub);
    }
    this.#old.read(old, 0);
    const pair = new KvView(old, this.#old.keyValueStart, old.length);
    this.#oldCreateRevision = pair.createRevision;
    this.#oldVersion = pair.version;
    this.#previous.set(pair.modRevision, this.#old.sub, pair.createRevision === 0);
    return writeNextHead(buffer, start, flags, sub, this.#old, old, this.#previous, this.#jump);
  }
}

/** The head row of a large pair, which leaves out the value. */
function headApart(beforePair: Uint8Array, key: Uint8Array, fields: KeyValueFields): Uint8Array {
  const row = new Uint8Array(beforePair.length + key.length + KEY_VALUE_OVERHEAD_BYTES);
  row.set(beforePair);
  const end = writeKeyValue(row, beforePair.length, key, undefined, fields);
  return row.subarray(0, end);
}
