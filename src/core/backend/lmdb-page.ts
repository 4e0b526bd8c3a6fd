// SPDX-License-Identifier: Apache-2.0
//
// Pages of the live store's file, as bytes. LMDB maps its file and trusts every number in it; what
// is to be looked at after an accident is read here instead, with every number checked first.

import type { DiskFile } from "../../base/contracts/disk.ts";
import {
  FIRST_TREE_PAGE,
  LMDB_HEADER_BYTES as HEADER_BYTES,
  KIND_BRANCH,
  KIND_LEAF,
  KIND_MASK,
  KIND_OVERFLOW,
  NODE_APART_BYTES,
  NODE_HEADER_BYTES as NODE_BYTES,
  NODE_FLAGS,
  NODE_IS_TABLE,
  NODE_KEY_SIZE,
  NODE_VALUE_APART,
  PAGE_KIND,
  PAGE_LOWER,
  PAGE_RUN,
  PAGE_UPPER,
} from "./lmdb-format.ts";

/** A page that cannot be what LMDB has written. */
export class LmdbDamage extends Error {
  override readonly name = "LmdbDamage";
  readonly page: number;
  readonly problem: string;

  constructor(page: number, problem: string) {
    super(`page ${page}: ${problem}`);
    this.page = page;
    this.problem = problem;
  }
}

/** The file, as far as it is read here. */
export type StoreBytes = Pick<DiskFile, "read" | "readInto" | "size">;

/** What is needed to read pages. */
export interface PageSource {
  readonly file: StoreBytes;
  readonly pageBytes: number;
  /** Pages that are in use or were; those behind do not exist. */
  readonly pages: number;
  readonly isLittle: boolean;
}

/** A page of a tree whose nodes all lie within it. */
export class TreePage {
  readonly number: number;
  readonly isLeaf: boolean;
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #source: PageSource;

  constructor(source: PageSource, number: number) {
    const { pageBytes, isLittle } = source;
    const bytes = readPages(source, number, 1);
    this.number = number;
    this.bytes = bytes;
    this.#source = source;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const kind = this.#view.getUint16(PAGE_KIND, isLittle) & KIND_MASK;
    if (kind !== KIND_LEAF && kind !== KIND_BRANCH)
      throw new LmdbDamage(number, "is no page of a tree");
    this.isLeaf = kind === KIND_LEAF;
    const lower = this.#view.getUint16(PAGE_LOWER, isLittle);
    const upper = this.#view.getUint16(PAGE_UPPER, isLittle);
    if (lower % 2 !== 0 || lower > upper || upper > pageBytes - HEADER_BYTES) {
      throw new LmdbDamage(number, `has its free space from ${lower} to ${upper}`);
    }
    this.count = lower / 2;
    if (this.count === 0 && !this.isLeaf) throw new LmdbDamage(number, "leads nowhere");
    for (let at = 0; at < this.count; at++) this.#checkNode(at, upper + HEADER_BYTES);
  }

  #checkNode(at: number, lowest: number): void {
    const start = this.#nodeStart(at);
    const end = this.#source.pageBytes;
    const isInside = start >= lowest && start + NODE_BYTES <= end;
    if (!isInside || this.#valueStart(start) > end || this.#inlineEnd(start) > end) {
      throw new LmdbDamage(this.number, `node ${at} reaches out of the page`);
    }
    if (!this.isLeaf) return;
    const flags = this.#half(start + NODE_FLAGS);
    if ((flags & ~(NODE_VALUE_APART | NODE_IS_TABLE)) === 0) return;
    throw new LmdbDamage(this.number, `node ${at} is of an unknown kind`);
  }

  #nodeStart(at: number): number {
    return HEADER_BYTES + this.#view.getUint16(HEADER_BYTES + 2 * at, this.#source.isLittle);
  }

  #half(at: number): number {
    return this.#view.getUint16(at, this.#source.isLittle);
  }

  #valueStart(start: number): number {
    return start + NODE_BYTES + this.#half(start + NODE_KEY_SIZE);
  }

  #inlineEnd(start: number): number {
    const valueStart = this.#valueStart(start);
    if (!this.isLeaf) return valueStart;
    return valueStart + (this.#isApart(start) ? NODE_APART_BYTES : this.#size(start));
  }

  #size(start: number): number {
    return this.#view.getUint32(start, this.#source.isLittle);
  }

  #isApart(start: number): boolean {
    return (this.#half(start + NODE_FLAGS) & NODE_VALUE_APART) !== 0;
  }

  key(at: number): Uint8Array {
    const start = this.#nodeStart(at);
    return this.bytes.subarray(start + NODE_BYTES, this.#valueStart(start));
  }

  /** Whether the node stands for a table of its own. */
  isTable(at: number): boolean {
    return (this.#half(this.#nodeStart(at) + NODE_FLAGS) & NODE_IS_TABLE) !== 0;
  }

  /** Number of the page below a branch's node. */
  child(at: number): number {
    const start = this.#nodeStart(at);
    return this.#size(start) + this.#half(start + NODE_FLAGS) * 2 ** 32;
  }

  /** The pages that hold a leaf's value apart; undefined when it stands in the page itself. */
  overflow(at: number): { readonly first: number; readonly count: number } | undefined {
    const start = this.#nodeStart(at);
    if (!this.#isApart(start)) return undefined;
    const { isLittle, pageBytes } = this.#source;
    const first = Number(this.#view.getBigUint64(this.#valueStart(start), isLittle));
    return { first, count: Math.ceil((HEADER_BYTES + this.#size(start)) / pageBytes) };
  }

  value(at: number): Uint8Array {
    const start = this.#nodeStart(at);
    const size = this.#size(start);
    const apart = this.overflow(at);
    if (apart === undefined) {
      const valueStart = this.#valueStart(start);
      return this.bytes.subarray(valueStart, valueStart + size);
    }
    const bytes = readPages(this.#source, apart.first, apart.count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { isLittle } = this.#source;
    const kind = view.getUint16(PAGE_KIND, isLittle) & KIND_MASK;
    if (kind !== KIND_OVERFLOW || view.getUint32(PAGE_RUN, isLittle) < apart.count) {
      throw new LmdbDamage(apart.first, "does not hold the value that it should");
    }
    return bytes.subarray(HEADER_BYTES, HEADER_BYTES + size);
  }
}

/** Reads pages that follow one another and begin with one that carries its own number. */
function readPages(source: PageSource, first: number, count: number): Uint8Array {
  const { file, pageBytes, pages, isLittle } = source;
  if (first < FIRST_TREE_PAGE || first + count > pages) {
    throw new LmdbDamage(first, `is named, but the store has ${pages} pages`);
  }
  const bytes = file.read(first * pageBytes, count * pageBytes);
  if (bytes.length < count * pageBytes)
    throw new LmdbDamage(first, "is beyond the end of the file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getBigUint64(0, isLittle) !== BigInt(first)) {
    throw new LmdbDamage(first, "does not carry its own number");
  }
  return bytes;
}
