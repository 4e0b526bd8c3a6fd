// SPDX-License-Identifier: Apache-2.0

import { readVarint, writeVarint } from "../../base/varint.ts";

/**
 * Rows of the key index, and the trailers of rows of `key`.
 *
 * A head row stands for the newest revision of one key:
 *
 *     flags, sub, depth, older*, KeyValue
 *
 * `depth` counts the key's revisions, tombstones included, since its head row came to be. `older`
 * are marks of earlier revisions (main, then sub doubled plus 1 for a tombstone), oldest first:
 * one per set bit of `depth` but the lowest, namely the revisions whose depths are `depth` with
 * its low bits cleared one after another. So a key with a million revisions has about ten marks,
 * and all that a write needs to know of the past stands in the row that it replaces anyway.
 *
 * The KeyValue is the row's own, whole or, if it is large, without its value (`FLAG_APART`); of a
 * tombstone it has the key and the mod revision, as an event carries it.
 *
 * A trailer holds the mark of the revision before, and, where that is another one, of the newest
 * mark in the head row at that time. Following the second kind where it does not go too far, and
 * the first otherwise, finds the revision at any point of history in a logarithmic number of
 * steps.
 */
export const FLAG_APART = 1;

/** Room that a head row needs beside its KeyValue, and a trailer at most. */
export const HEAD_OVERHEAD_BYTES = 640;
export const TRAILER_BYTES_MAX = 48;
/** A trailer without marks. */
export const TRAILER_BYTES_MIN = 1;

/** Depths start anew before bit operations would overflow; older marks are then not carried on. */
const DEPTH_MAX = 0x3fffffff;

/** What of a head row comes before its KeyValue. Reused from row to row. */
export class Head {
  apart = false;
  sub = 0;
  depth = 0;
  /** Where the older marks and the KeyValue lie in the row's buffer. */
  olderStart = 0;
  olderEnd = 0;
  keyValueStart = 0;
  readonly #position = { at: 0 };

  /** Reads the row that starts at `start`. */
  read(buffer: Uint8Array, start: number): void {
    const position = this.#position;
    position.at = start + 1;
    this.apart = ((buffer[start] as number) & FLAG_APART) !== 0;
    this.sub = readVarint(buffer, position);
    this.depth = readVarint(buffer, position);
    this.olderStart = position.at;
    for (let marks = bitCount(this.depth) - 1; marks > 0; marks--) {
      readVarint(buffer, position);
      readVarint(buffer, position);
    }
    this.olderEnd = position.at;
    this.keyValueStart = position.at;
  }
}

/** A mark of a revision, or none. Reused. */
export class Mark {
  main = 0;
  sub = 0;
  tombstone = false;
  isSet = false;

  set(main: number, sub: number, tombstone: boolean): void {
    this.main = main;
    this.sub = sub;
    this.tombstone = tombstone;
    this.isSet = true;
  }

  copy(other: Mark): void {
    this.main = other.main;
    this.sub = other.sub;
    this.tombstone = other.tombstone;
    this.isSet = other.isSet;
  }

  clear(): void {
    this.isSet = false;
  }

  read(buffer: Uint8Array, position: { at: number }): void {
    this.main = readVarint(buffer, position);
    const low = readVarint(buffer, position);
    this.tombstone = low % 2 === 1;
    this.sub = (low - (low % 2)) / 2;
    this.isSet = true;
  }

  write(into: Uint8Array, at: number): number {
    return writeVarint(
      into,
      writeVarint(into, at, this.main),
      this.sub * 2 + (this.tombstone ? 1 : 0),
    );
  }
}

/** Writes the head of a key's first revision. */
export function writeFirstHead(
  into: Uint8Array,
  start: number,
  flags: number,
  sub: number,
): number {
  into[start] = flags;
  return writeVarint(into, writeVarint(into, start + 1, sub), 1);
}

/**
 * Writes the head of the revision that follows `previous`, whose own head row is `old` in
 * `buffer`. Leaves in `jump` the newest of the older marks, if there is any.
 */
export function writeNextHead(
  into: Uint8Array,
  start: number,
  flags: number,
  sub: number,
  old: Head,
  buffer: Uint8Array,
  previous: Mark,
  jump: Mark,
): number {
  jump.clear();
  if (old.depth >= DEPTH_MAX) return writeFirstHead(into, start, flags, sub);
  into[start] = flags;
  let at = writeVarint(into, writeVarint(into, start + 1, sub), old.depth + 1);
  // Adding one clears the trailing ones of the depth: so many marks go, the old one first.
  const dropped = trailingOnes(old.depth);
  const kept = bitCount(old.depth) - Math.max(dropped, 1);
  const position = { at: old.olderStart };
  for (let mark = 0; mark < kept; mark++) jump.read(buffer, position);
  for (let from = old.olderStart; from < position.at; from++) into[at++] = buffer[from] as number;
  if (dropped > 0) return at;
  jump.copy(previous);
  return previous.write(into, at);
}

/** Writes the trailer of a row of `key`; gives the position behind it. */
export function writeTrailer(into: Uint8Array, start: number, previous: Mark, jump: Mark): number {
  let at = start;
  if (previous.isSet) {
    at = previous.write(into, at);
    const same = jump.main === previous.main && jump.sub === previous.sub;
    if (jump.isSet && !same) at = jump.write(into, at);
  }
  into[at] = at - start;
  return at + 1;
}

/** Reads the trailer of a row that ends at `end`; marks that it does not hold are cleared. */
export function readTrailer(buffer: Uint8Array, end: number, previous: Mark, jump: Mark): void {
  const position = { at: end - 1 - (buffer[end - 1] as number) };
  previous.clear();
  jump.clear();
  if (position.at >= end - 1) return;
  previous.read(buffer, position);
  if (position.at < end - 1) jump.read(buffer, position);
}

function bitCount(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function trailingOnes(value: number): number {
  return 31 - Math.clz32(~value & (value + 1));
}
