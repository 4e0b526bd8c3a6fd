// SPDX-License-Identifier: Apache-2.0

import { compareSlices } from "../../base/binary-string.ts";
import { BoltError } from "./errors.ts";
import {
  ELEMENT_BUCKET,
  ELEMENT_BYTES,
  FIRST_DATA_PAGE,
  HEADER_BYTES,
  KEY_BYTES_MAX,
  PAGE_BRANCH,
  PAGE_LEAF,
  readUint64,
  viewOf,
} from "./format.ts";
import type { ByteSource, Meta } from "./meta.ts";

/** How much is read at once where pages are read one after the other. */
const READ_AHEAD_BYTES = 256 * 1024;
/** A page further on than this many is not the next one of a scan. */
const SCAN_GAP_PAGES = 16;
/** The largest page with what follows it: a value of bbolt may have 2 GiB, one of etcd 1.5 MiB. */
const RUN_BYTES_MAX = 512 * 1024 * 1024;

const EMPTY = new Uint8Array(0);

/**
 * One page of a tree in memory, checked and taken apart: where its keys and values are within
 * `bytes`. A frame keeps one buffer, which the next page overwrites. It holds the page, or, where
 * pages are read in their order, up to `READ_AHEAD_BYTES` from the page on.
 */
export class PageFrame {
  readonly #source: ByteSource;
  readonly #meta: Meta;
  bytes: Uint8Array = EMPTY;
  #view = viewOf(EMPTY);
  /** Which part of the file `bytes` has, as file positions. */
  #from = 0;
  #to = 0;
  #aheadBytes = 0;
  /** The page; 0 for one that is kept inside its bucket's value. */
  id = 0;
  isLeaf = true;
  count = 0;
  /** The pages that it occupies. */
  pages = 0;
  /** The element that a walk is at. */
  index = 0;
  /** Per element: where the key begins, where it ends and the value begins, where that ends. */
  keyStarts = new Uint32Array(256);
  keyEnds = new Uint32Array(256);
  valueEnds = new Uint32Array(256);
  #base = 0;

  constructor(source: ByteSource, meta: Meta) {
    this.#source = source;
    this.#meta = meta;
  }

  /** Takes up a page of a tree. Throws a `BoltError` when it cannot be one. */
  load(id: number): void {
    this.#take(id);
    const base = this.#base;
    const end = base + this.pages * this.#meta.pageBytes;
    const problem = this.#decode(base, end);
    if (problem !== undefined) throw this.error(problem);
  }

  /** Takes up the page inside a bucket's value, which is copied. `owner`: the page it is in. */
  loadInline(value: Uint8Array, owner: number): void {
    this.bytes = Uint8Array.prototype.slice.call(value);
    this.#view = viewOf(this.bytes);
    this.#from = 0;
    this.#to = 0;
    this.id = owner;
    this.pages = 0;
    const problem =
      value.length < HEADER_BYTES ? "is cut short" : this.#decode(0, this.bytes.length);
    if (problem !== undefined) throw this.error(`a bucket kept in it ${problem}`);
    if (!this.isLeaf) throw this.error("a bucket kept in it is no leaf");
  }

  error(problem: string): BoltError {
    return new BoltError(this.#source.path, this.id, problem);
  }

  isBucket(index: number): boolean {
    const at = this.#base + HEADER_BYTES + index * ELEMENT_BYTES;
    return this.isLeaf && this.#view.getUint32(at, true) === ELEMENT_BUCKET;
  }

  /** The page that element `index` of a branch leads to. */
  child(index: number): number {
    return readUint64(this.#view, this.#base + HEADER_BYTES + index * ELEMENT_BYTES + 8);
  }

  /** The order of key `index` against another key. */
  compareKey(index: number, other: Uint8Array, start: number, end: number): number {
    const keyStart = this.keyStarts[index] as number;
    const keyEnd = this.keyEnds[index] as number;
    return compareSlices(this.bytes, keyStart, keyEnd, other, start, end);
  }

  /** The first element whose key is not below `key`; `count` when all are. */
  lowerBound(key: Uint8Array): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compareKey(middle, key, 0, key.length) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Brings the page and what belongs to it into the buffer. */
  #take(id: number): void {
    const { pageBytes, highWater } = this.#meta;
    const before = this.id + Math.max(this.pages, 1);
    const isNext = this.pages > 0 && id >= before && id - before < SCAN_GAP_PAGES;
    this.id = id;
    if (!(id >= FIRST_DATA_PAGE && id < highWater)) {
      this.pages = 0;
      throw this.error(`is not one of the ${highWater} pages of the database`);
    }
    const position = id * pageBytes;
    this.#aheadBytes = isNext ? Math.min(2 * this.#aheadBytes, READ_AHEAD_BYTES) : pageBytes;
    if (!this.#holds(position, pageBytes)) this.#read(position, this.#aheadBytes);
    const at = position - this.#from;
    if (readUint64(this.#view, at) !== id) throw this.error("does not carry its own number");
    this.pages = this.#view.getUint32(at + 12, true) + 1;
    const runBytes = this.pages * pageBytes;
    if (id + this.pages > highWater || runBytes > RUN_BYTES_MAX) {
      throw this.error(`claims ${this.pages} pages, beyond the end of the database`);
    }
    if (!this.#holds(position, runBytes)) this.#read(position, runBytes);
    this.#base = position - this.#from;
  }

  #holds(position: number, length: number): boolean {
    return position >= this.#from && position + length <= this.#to;
  }

  #read(position: number, wanted: number): void {
    const { pageBytes, highWater } = this.#meta;
    const length = Math.max(pageBytes, Math.min(wanted, highWater * pageBytes - position));
    const isTooLarge = this.bytes.length > READ_AHEAD_BYTES && length <= READ_AHEAD_BYTES;
    if (this.bytes.length < length || isTooLarge) {
      this.bytes = new Uint8Array(length);
      this.#view = viewOf(this.bytes);
    }
    const target = length === this.bytes.length ? this.bytes : this.bytes.subarray(0, length);
    this.#to = 0;
    const count = this.#source.readInto(target, position);
    if (count < length) throw this.error("ends early: the file has become shorter");
    this.#from = position;
    this.#to = position + length;
  }

  /** Takes the page in [base, end) of the buffer apart; what is wrong with it. */
  #decode(base: number, end: number): string | undefined {
    this.#base = base;
    this.index = 0;
    const kind = this.#view.getUint16(base + 8, true);
    if (kind !== PAGE_LEAF && kind !== PAGE_BRANCH) {
      return `has the flags 0x${kind.toString(16)}, neither branch nor leaf`;
    }
    this.isLeaf = kind === PAGE_LEAF;
    this.count = this.#view.getUint16(base + 10, true);
    if (this.count === 0 && !this.isLeaf) return "is a branch without children";
    const dataStart = base + HEADER_BYTES + this.count * ELEMENT_BYTES;
    if (dataStart > end) return `has ${this.count} elements, more than it has room for`;
    if (this.keyStarts.length < this.count) this.#grow();
    return this.isLeaf ? this.#decodeLeaf(dataStart, end) : this.#decodeBranch(dataStart, end);
  }

  #grow(): void {
    const room = Math.max(this.count, 2 * this.keyStarts.length);
    this.keyStarts = new Uint32Array(room);
    this.keyEnds = new Uint32Array(room);
    this.valueEnds = new Uint32Array(room);
  }

  #decodeLeaf(dataStart: number, end: number): string | undefined {
    const view = this.#view;
    let at = this.#base + HEADER_BYTES;
    for (let index = 0; index < this.count; index++, at += ELEMENT_BYTES) {
      const start = at + view.getUint32(at + 4, true);
      const keyBytes = view.getUint32(at + 8, true);
      const valueEnd = start + keyBytes + view.getUint32(at + 12, true);
      if (view.getUint32(at, true) > ELEMENT_BUCKET) return `element ${index} has unknown flags`;
      if (valueEnd > end) return `element ${index} lies outside the page`;
      const problem = this.#keep(index, start, start + keyBytes, dataStart);
      if (problem !== undefined) return problem;
      this.valueEnds[index] = valueEnd;
    }
    return undefined;
  }

  #decodeBranch(dataStart: number, end: number): string | undefined {
    const view = this.#view;
    let at = this.#base + HEADER_BYTES;
    for (let index = 0; index < this.count; index++, at += ELEMENT_BYTES) {
      const start = at + view.getUint32(at, true);
      const keyEnd = start + view.getUint32(at + 4, true);
      if (keyEnd > end) return `element ${index} lies outside the page`;
      const problem = this.#keep(index, start, keyEnd, dataStart);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #keep(index: number, start: number, end: number, dataStart: number): string | undefined {
    if (start < dataStart) return `element ${index} lies outside the page`;
    const length = end - start;
    if (length === 0 || length > KEY_BYTES_MAX) return `element ${index} has ${length} key bytes`;
    this.keyStarts[index] = start;
    this.keyEnds[index] = end;
    if (index > 0 && this.compareKey(index - 1, this.bytes, start, end) >= 0) {
      return `the keys of elements ${index - 1} and ${index} are not in ascending order`;
    }
    return undefined;
  }
}
