// SPDX-License-Identifier: Apache-2.0

import { ByteCopier } from "../../base/byte-copier.ts";
import type { Existence, RowStore } from "../backend/index.ts";
import { PutEvent, type StoredEvent, TombstoneEvent } from "./event.ts";
import {
  FLAG_APART,
  HEAD_OVERHEAD_BYTES,
  Head,
  Mark,
  TRAILER_BYTES_MAX,
  TRAILER_BYTES_MIN,
  writeFirstHead,
  writeNextHead,
  writeTrailer,
} from "./head.ts";
import type { KeyIndex } from "./key-index.ts";
import {
  KEY_VALUE_OVERHEAD_BYTES,
  type KvView,
  PairFields,
  writeKeyField,
  writeKeyValue,
  writeModRevision,
} from "./kv-view.ts";
import type { PlainPair } from "./plain-pair.ts";
import { REVISION_BYTES, TOMBSTONE_BYTES, writeRevision } from "./revision.ts";

/**
 * Pairs of more bytes are kept once, under their revision; smaller ones in the index as well. With
 * pairs of 280 bytes over 100,000 keys that costs a put nothing that can be told from the noise
 * and about a tenth of the process, and halves a point read; a range of 1,000 takes a third.
 */
export const INLINE_BYTES_MAX = 1024;

/**
 * Writes rows: the change under its revision, and the key's new head. The pair is written once,
 * into the backend's buffer, and copied from there into the head row.
 */
export class RowWriter {
  readonly #backend: RowStore;
  readonly #index: KeyIndex;
  readonly #old = new Head();
  readonly #oldFields = new PairFields();
  /** The lease of the pair that a change follows. */
  #oldLease = 0n;
  readonly #previous = new Mark();
  readonly #jump = new Mark();
  readonly #headMark = new Mark();
  readonly #graveMark = new Mark();
  readonly #putKey = new Uint8Array(REVISION_BYTES);
  readonly #tombstoneKey = new Uint8Array(TOMBSTONE_BYTES);
  /** The head row's part before its pair, made while the old row is lent. */
  #before: Uint8Array = new Uint8Array(HEAD_OVERHEAD_BYTES);
  #beforeEnd = 0;
  readonly #writer = { main: 0, sub: 0 };
  readonly #toHead = new ByteCopier();
  readonly #toRow = new ByteCopier();

  constructor(backend: RowStore, index: KeyIndex) {
    this.#backend = backend;
    this.#index = index;
  }

  put(key: Uint8Array, value: Uint8Array, lease: bigint, main: number, sub: number): StoredEvent {
    const isApart = isLarge(key.length, value.length);
    const found = this.#follow(key, main, sub, isApart ? FLAG_APART : 0);
    const follows = found === "head";
    const createRevision = follows ? this.#oldFields.createRevision : main;
    const version = follows ? this.#oldFields.version + 1 : 1;
    const backend = this.#backend;
    writeRevision(this.#putKey, main, sub, false);
    const room = key.length + value.length + KEY_VALUE_OVERHEAD_BYTES + TRAILER_BYTES_MAX;
    const start = backend.beginPut("key", this.#putKey, room);
    const buffer = backend.putBuffer;
    const end = writeKeyValue(buffer, start, key, value, createRevision, main, version, lease);
    backend.endPut(writeTrailer(buffer, end, this.#previous, this.#jump), "absent");
    if (found === "grave") this.#index.graves.delete(key);
    if (isApart) this.#putHeadApart(key, createRevision, main, version, lease, follows);
    else this.#putHead(key, buffer, start, end, follows);
    if (lease !== this.#oldLease) this.#moveLease(key, lease);
    return new PutEvent(buffer, start, end, main, sub);
  }

  /** Deletes a key that exists. */
  delete(key: Uint8Array, main: number, sub: number): StoredEvent {
    const found = this.#follow(key, main, sub, 0);
    const backend = this.#backend;
    writeRevision(this.#tombstoneKey, main, sub, true);
    const room = key.length + KEY_VALUE_OVERHEAD_BYTES + TRAILER_BYTES_MAX;
    const start = backend.beginPut("key", this.#tombstoneKey, room);
    const { putBuffer } = backend;
    const end = writeKeyField(putBuffer, start, key);
    backend.endPut(writeTrailer(putBuffer, end, this.#previous, this.#jump), "absent");
    if (this.#oldLease !== 0n) this.#moveLease(key, 0n);
    return this.#bury(key, main, sub, found);
  }

  /** Writes a row that another store has made, and its head. */
  take(main: number, sub: number, tombstone: boolean, pair: KvView): void {
    // A restore with a bumped revision leaves a row without a key: it only carries its revision.
    if (pair.hasKey) {
      this.reindex(main, sub, tombstone, pair);
      if (pair.lease !== this.#oldLease) this.#moveLease(pair.key, pair.lease);
    } else {
      this.#previous.clear();
      this.#jump.clear();
    }
    const row = tombstone ? this.#tombstoneKey : this.#putKey;
    writeRevision(row, main, sub, tombstone);
    this.#takeRow(row, pair.buffer, pair.start, pair.end);
  }

  /**
   * The same for a plain pair in `buffer`, if it is the first that the store gets of its key: then
   * there is no earlier row to find and nothing to read in this one. False if it is not.
   */
  takeFirst(
    main: number,
    sub: number,
    plain: PlainPair,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    const { heads, graves } = this.#index;
    const { keyStart, keyEnd } = plain;
    if (graves.mayHoldRows && graves.get(buffer.subarray(keyStart, keyEnd)) !== undefined) {
      return false;
    }
    const at = heads.beginFirst(buffer, keyStart, keyEnd, HEAD_OVERHEAD_BYTES + end - start);
    if (at < 0) return false;
    const { putBuffer } = this.#backend;
    const pairAt = writeFirstHead(putBuffer, at, 0, sub);
    this.#toHead.copy(putBuffer, pairAt, buffer, start, end);
    heads.endPut(pairAt + end - start, "absent");
    this.#previous.clear();
    this.#jump.clear();
    writeRevision(this.#putKey, main, sub, false);
    this.#takeRow(this.#putKey, buffer, start, end);
    return true;
  }

  /** Writes a row, with the marks at hand. */
  #takeRow(row: Uint8Array, pair: Uint8Array, start: number, end: number): void {
    const room = this.#previous.isSet ? TRAILER_BYTES_MAX : TRAILER_BYTES_MIN;
    const pairBytes = end - start;
    const at = this.#backend.beginPut("key", row, pairBytes + room);
    const { putBuffer } = this.#backend;
    this.#toRow.copy(putBuffer, at, pair, start, end);
    const rowEnd = writeTrailer(putBuffer, at + pairBytes, this.#previous, this.#jump);
    this.#backend.endPut(rowEnd, "absent");
  }

  /** Writes the head of a row that is there already, and whose lease is known. */
  reindex(main: number, sub: number, tombstone: boolean, pair: KvView): void {
    const { key, createRevision, version, lease } = pair;
    const isApart = !tombstone && isLarge(key.length, pair.valueBytes);
    const found = this.#follow(key, main, sub, isApart ? FLAG_APART : 0);
    const follows = found === "head";
    if (tombstone) {
      this.#bury(key, main, sub, found);
      return;
    }
    if (found === "grave") this.#index.graves.delete(key);
    if (isApart) this.#putHeadApart(key, createRevision, main, version, lease, follows);
    else this.#putHead(key, pair.buffer, pair.start, pair.end, follows);
  }

  /**
   * Takes away the older of two rows that a key may have after a crash, and tells whether the
   * other one is of the given revision or a later one.
   */
  settle(key: Uint8Array, main: number, sub: number): boolean {
    const { heads, graves } = this.#index;
    const isInHeads = this.#readInto(this.#headMark, heads.get(key));
    const isInGraves = this.#readInto(this.#graveMark, graves.get(key));
    const newest = isInHeads && !(isInGraves && isBefore(this.#headMark, this.#graveMark));
    if (isInHeads && isInGraves) (newest ? graves : heads).delete(key);
    if (!isInHeads && !isInGraves) return false;
    const mark = newest ? this.#headMark : this.#graveMark;
    return mark.main > main || (mark.main === main && mark.sub >= sub);
  }

  #readInto(mark: Mark, row: Uint8Array | undefined): boolean {
    if (row === undefined) return false;
    this.#old.read(row, 0);
    this.#oldFields.read(row, this.#old.keyValueStart, row.length);
    mark.set(this.#oldFields.modRevision, this.#old.sub, false);
    return true;
  }

  /**
   * Looks up what a change of a key follows, and prepares from it the part of the new head row
   * before the pair, and the marks for the trailer.
   */
  #follow(key: Uint8Array, main: number, sub: number, flags: number): Found {
    this.#writer.main = main;
    this.#writer.sub = sub;
    let old = this.#index.heads.get(key);
    let found: Found = "head";
    if (old === undefined) {
      old = this.#index.graves.mayHoldRows ? this.#index.graves.get(key) : undefined;
      found = old === undefined ? "nothing" : "grave";
    }
    if (old === undefined) {
      this.#previous.clear();
      this.#jump.clear();
      this.#beforeEnd = writeFirstHead(this.#before, 0, flags, sub);
      this.#oldLease = 0n;
      return found;
    }
    this.#old.read(old, 0);
    this.#oldFields.read(old, this.#old.keyValueStart, old.length);
    this.#oldLease = this.#oldFields.lease;
    this.#previous.set(this.#oldFields.modRevision, this.#old.sub, found === "grave");
    const previous = this.#previous;
    this.#beforeEnd = writeNextHead(
      this.#before,
      0,
      flags,
      sub,
      this.#old,
      old,
      previous,
      this.#jump,
    );
    return found;
  }

  #moveLease(key: Uint8Array, to: bigint): void {
    this.#index.leaseKeys.move(key, this.#oldLease, to, this.#writer);
  }

  #bury(key: Uint8Array, main: number, sub: number, found: Found): StoredEvent {
    const { heads, graves } = this.#index;
    if (found === "head") {
      heads.delete(key);
      this.#index.counts.note(key, -1);
    }
    const room = HEAD_OVERHEAD_BYTES + key.length + KEY_VALUE_OVERHEAD_BYTES;
    const at = graves.beginPut(key, room, this.#writer);
    const buffer = this.#backend.putBuffer;
    const start = this.#copyBefore(buffer, at);
    const end = writeModRevision(buffer, writeKeyField(buffer, start, key), main);
    graves.endPut(end, belowOf(found, "grave"));
    return new TombstoneEvent(buffer, start, end, main, sub);
  }

  #putHead(
    key: Uint8Array,
    pairBuffer: Uint8Array,
    pairStart: number,
    pairEnd: number,
    follows: boolean,
  ): void {
    const at = this.#index.heads.beginPut(key, this.#beforeEnd + pairEnd - pairStart, this.#writer);
    const buffer = this.#backend.putBuffer;
    const start = this.#copyBefore(buffer, at);
    buffer.set(pairBuffer.subarray(pairStart, pairEnd), start);
    this.#index.heads.endPut(start + pairEnd - pairStart, follows ? "present" : "absent");
    if (!follows) this.#index.counts.note(key, 1);
  }

  /** The head row of a large pair, which leaves out the value. */
  #putHeadApart(
    key: Uint8Array,
    createRevision: number,
    main: number,
    version: number,
    lease: bigint,
    follows: boolean,
  ): void {
    const room = this.#beforeEnd + key.length + KEY_VALUE_OVERHEAD_BYTES;
    const at = this.#index.heads.beginPut(key, room, this.#writer);
    const buffer = this.#backend.putBuffer;
    const start = this.#copyBefore(buffer, at);
    const end = writeKeyValue(buffer, start, key, undefined, createRevision, main, version, lease);
    this.#index.heads.endPut(end, follows ? "present" : "absent");
    if (!follows) this.#index.counts.note(key, 1);
  }

  #copyBefore(buffer: Uint8Array, at: number): number {
    const before = this.#before;
    for (let from = 0; from < this.#beforeEnd; from++) buffer[at + from] = before[from] as number;
    return at + this.#beforeEnd;
  }
}

type Found = "head" | "grave" | "nothing";

/** What is known of a table's row, given where the key was found. */
function belowOf(found: Found, table: "head" | "grave"): Existence {
  if (found === "nothing") return "unknown";
  return found === table ? "present" : "absent";
}

function isBefore(a: Mark, b: Mark): boolean {
  return a.main < b.main || (a.main === b.main && a.sub < b.sub);
}

function isLarge(keyBytes: number, valueBytes: number): boolean {
  return keyBytes + valueBytes > INLINE_BYTES_MAX;
}
