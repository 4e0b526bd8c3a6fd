// SPDX-License-Identifier: Apache-2.0

import { ByteCopier } from "../../base/byte-copier.ts";
import { IS_LITTLE_ENDIAN as IS_LITTLE } from "../../base/byte-order.ts";
import { invariant } from "../../base/invariant.ts";
import { PageRuns } from "../../base/page-runs.ts";
import { BackendError, KEY_BYTES_MAX } from "./backend.ts";
import {
  LMDB_HEADER_BYTES as HEADER_BYTES,
  KIND_BRANCH,
  KIND_LEAF,
  KIND_OVERFLOW,
  NODE_APART_BYTES,
  NODE_FLAGS,
  NODE_HEADER_BYTES,
  NODE_KEY_SIZE,
  NODE_VALUE_APART,
  PAGE_KIND,
  PAGE_LOWER,
  PAGE_RUN,
  PAGE_TRANSACTION,
  PAGE_UPPER,
} from "./lmdb-format.ts";

const TWO_32 = 2 ** 32;
const NO_KEY = new Uint8Array(0);

/** Pages behind each other in a file, as one transaction wrote them. */
export class LmdbPages {
  readonly #runs: PageRuns;
  readonly pageBytes: number;
  readonly transaction: number;

  constructor(
    sink: ConstructorParameters<typeof PageRuns>[0],
    options: {
      readonly pageBytes: number;
      readonly firstPage: number;
      readonly transaction: number;
    },
  ) {
    this.pageBytes = options.pageBytes;
    this.transaction = options.transaction;
    this.#runs = new PageRuns(sink, options.pageBytes, options.firstPage);
  }

  get nextPage(): number {
    return this.#runs.nextPage;
  }

  /** Writes a page whose header is complete but for its number, which it gives. */
  add(page: Uint8Array): number {
    const runs = this.#runs;
    const number = runs.take(page.length);
    runs.bytes.set(page, runs.at);
    writeNumber(runs.view, runs.at, number);
    return number;
  }

  /** Writes a value into pages of its own and gives the number of the first. */
  addApart(buffer: Uint8Array, start: number, end: number): number {
    const runs = this.#runs;
    const number = runs.take(HEADER_BYTES + end - start);
    const { view, at } = runs;
    runs.bytes.fill(0, at, at + HEADER_BYTES);
    writeNumber(view, at, number);
    writeNumber(view, at + PAGE_TRANSACTION, this.transaction);
    view.setUint16(at + PAGE_KIND, KIND_OVERFLOW, IS_LITTLE);
    view.setUint32(at + PAGE_RUN, this.runOf(end - start), IS_LITTLE);
    runs.bytes.set(buffer.subarray(start, end), at + HEADER_BYTES);
    return number;
  }

  /** How many pages a value takes. */
  runOf(valueBytes: number): number {
    return Math.ceil((HEADER_BYTES + valueBytes) / this.pageBytes);
  }

  flush(): void {
    this.#runs.flush();
  }
}

function writeNumber(view: DataView, at: number, value: number): void {
  const [low, high] = [value >>> 0, Math.floor(value / TWO_32)];
  view.setUint32(at, IS_LITTLE ? low : high, IS_LITTLE);
  view.setUint32(at + 4, IS_LITTLE ? high : low, IS_LITTLE);
}

/** A page of a tree that is being filled. Nodes go from its end downwards. */
class NodePage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  count = 0;
  #lower = 0;
  #upper: number;

  constructor(pages: LmdbPages, kind: number) {
    this.bytes = new Uint8Array(pages.pageBytes);
    this.view = new DataView(this.bytes.buffer);
    this.#upper = pages.pageBytes - HEADER_BYTES;
    writeNumber(this.view, PAGE_TRANSACTION, pages.transaction);
    this.view.setUint16(PAGE_KIND, kind, IS_LITTLE);
  }

  hasRoomFor(nodeBytes: number): boolean {
    return this.#upper - this.#lower >= even(nodeBytes) + 2;
  }

  /** Makes room for a node with its key and gives where it begins. */
  add(nodeBytes: number, key: Uint8Array, keyStart: number, keyEnd: number): number {
    this.#upper -= even(nodeBytes);
    const place = this.#upper;
    this.view.setUint16(HEADER_BYTES + this.#lower, place, IS_LITTLE);
    this.#lower += 2;
    this.count++;
    const at = HEADER_BYTES + place;
    this.view.setUint16(at + NODE_KEY_SIZE, keyEnd - keyStart, IS_LITTLE);
    copyKey(this.bytes, at + NODE_HEADER_BYTES, key, keyStart, keyEnd);
    return at;
  }

  /** Gives back what the last node, which begins at `at`, does not need of its room. */
  shrinkLast(at: number, roomBytes: number, nodeBytes: number): number {
    const spare = even(roomBytes) - even(nodeBytes);
    if (spare === 0) return at;
    this.#upper += spare;
    this.view.setUint16(HEADER_BYTES + this.#lower - 2, this.#upper, IS_LITTLE);
    this.bytes.copyWithin(at + spare, at, at + nodeBytes);
    return at + spare;
  }

  nodeStart(index: number): number {
    return HEADER_BYTES + this.view.getUint16(HEADER_BYTES + 2 * index, IS_LITTLE);
  }

  /** The key of a node, lent. */
  key(index: number): Uint8Array {
    const at = this.nodeStart(index);
    const start = at + NODE_HEADER_BYTES;
    const size = this.view.getUint16(at + NODE_KEY_SIZE, IS_LITTLE);
    return this.bytes.subarray(start, start + size);
  }

  /** Takes the last node away; it is not the only one. */
  dropLast(): void {
    this.count--;
    this.#lower -= 2;
    this.#upper = this.nodeStart(this.count - 1) - HEADER_BYTES;
  }

  /** Writes the page and empties it. */
  writeTo(pages: LmdbPages): number {
    this.view.setUint16(PAGE_LOWER, this.#lower, IS_LITTLE);
    this.view.setUint16(PAGE_UPPER, this.#upper, IS_LITTLE);
    // What the page before has left in the gap is no secret, but equal input gives equal files.
    this.bytes.fill(0, HEADER_BYTES + this.#lower, HEADER_BYTES + this.#upper);
    const number = pages.add(this.bytes);
    this.count = 0;
    this.#lower = 0;
    this.#upper = this.bytes.length - HEADER_BYTES;
    return number;
  }
}

function even(bytes: number): number {
  return (bytes + 1) & ~1;
}

/** Most keys are too short for anything else to pay. */
function copyKey(to: Uint8Array, at: number, from: Uint8Array, start: number, end: number): void {
  if (end - start > 48) to.set(from.subarray(start, end), at);
  else for (let byte = start; byte < end; byte++) to[at + byte - start] = from[byte] as number;
}

/** The branch pages of one level. */
class BranchLevel {
  readonly #page: NodePage;
  /** The least key below the page; in the page itself its first node has none. */
  #firstKey: Uint8Array = NO_KEY;
  pageCount = 0;

  constructor(pages: LmdbPages) {
    this.#page = new NodePage(pages, KIND_BRANCH);
  }

  /**
   * Adds a page of the level below, whose least key is lent. Gives what there is to add to the
   * level above: a page that was full, with its least key.
   */
  add(key: Uint8Array, child: number, pages: LmdbPages): Child | undefined {
    const page = this.#page;
    if (page.count === 0) {
      this.#begin(key.slice(), child);
      return undefined;
    }
    if (page.hasRoomFor(NODE_HEADER_BYTES + key.length)) {
      this.#put(key, child);
      return undefined;
    }
    // LMDB wants two nodes in every branch page: the last one goes along into the next.
    const last = page.count - 1;
    invariant(last > 1, "a branch page holds three of the longest keys");
    const carriedKey = page.key(last).slice();
    const carriedChild = this.#childOf(last);
    page.dropLast();
    const full = this.finish(pages);
    this.#begin(carriedKey, carriedChild);
    this.#put(key, child);
    return full;
  }

  /** Writes the page at hand. */
  finish(pages: LmdbPages): Child {
    const key = this.#firstKey;
    this.pageCount++;
    return { key, page: this.#page.writeTo(pages) };
  }

  #begin(key: Uint8Array, child: number): void {
    this.#firstKey = key;
    this.#put(NO_KEY, child);
  }

  #put(key: Uint8Array, child: number): void {
    const { view } = this.#page;
    const at = this.#page.add(NODE_HEADER_BYTES + key.length, key, 0, key.length);
    view.setUint32(at, child % TWO_32, IS_LITTLE);
    view.setUint16(at + NODE_FLAGS, Math.floor(child / TWO_32), IS_LITTLE);
  }

  #childOf(index: number): number {
    const { view } = this.#page;
    const at = this.#page.nodeStart(index);
    return view.getUint32(at, IS_LITTLE) + view.getUint16(at + NODE_FLAGS, IS_LITTLE) * TWO_32;
  }
}

interface Child {
  readonly key: Uint8Array;
  readonly page: number;
}

/** What LMDB keeps of a tree. */
export interface TreeSummary {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly rows: number;
  readonly root: number;
}

/**
 * Writes a tree from its rows in ascending order of keys, without going back: every page is full
 * but the last of its level. Keys are 1 to `KEY_BYTES_MAX` bytes and are not compared.
 */
export class LmdbTree {
  readonly #pages: LmdbPages;
  readonly #leaf: NodePage;
  readonly #levels: BranchLevel[] = [];
  readonly #copier = new ByteCopier();
  readonly #nodeBytesMax: number;
  #leafPages = 0;
  #overflowPages = 0;
  rows = 0;
  /** The row that was begun: its node, the room for it, and what comes before its value. */
  #openAt = 0;
  #openRoom = 0;
  #openHead = 0;

  constructor(pages: LmdbPages) {
    this.#pages = pages;
    this.#leaf = new NodePage(pages, KIND_LEAF);
    // Two nodes have to fit, with their places.
    this.#nodeBytesMax = (((pages.pageBytes - HEADER_BYTES) >> 1) & ~1) - 2;
  }

  add(
    keyBuffer: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueBuffer: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const valueBytes = valueEnd - valueStart;
    const headBytes = NODE_HEADER_BYTES + checkedKeyBytes(keyStart, keyEnd);
    const isApart = headBytes + valueBytes > this.#nodeBytesMax;
    const nodeBytes = headBytes + (isApart ? NODE_APART_BYTES : valueBytes);
    const leaf = this.#leaf;
    this.#makeRoom(nodeBytes);
    const at = leaf.add(nodeBytes, keyBuffer, keyStart, keyEnd);
    leaf.view.setUint32(at, valueBytes, IS_LITTLE);
    leaf.view.setUint16(at + NODE_FLAGS, isApart ? NODE_VALUE_APART : 0, IS_LITTLE);
    if (isApart) this.#putApart(at + headBytes, valueBuffer, valueStart, valueEnd);
    else this.#copier.copy(leaf.bytes, at + headBytes, valueBuffer, valueStart, valueEnd);
    this.rows++;
  }

  /**
   * Begins a row whose value the caller writes into `leaf` from the returned position on; -1 when
   * a value of so many bytes would lie in pages of its own.
   */
  begin(key: Uint8Array, keyStart: number, keyEnd: number, valueBytesMax: number): number {
    const headBytes = NODE_HEADER_BYTES + checkedKeyBytes(keyStart, keyEnd);
    const room = headBytes + valueBytesMax;
    if (room > this.#nodeBytesMax) return -1;
    this.#makeRoom(room);
    this.#openRoom = room;
    this.#openHead = headBytes;
    this.#openAt = this.#leaf.add(room, key, keyStart, keyEnd);
    return this.#openAt + headBytes;
  }

  /** Where a row that was begun lies. */
  get leaf(): Uint8Array {
    return this.#leaf.bytes;
  }

  /** Ends it. */
  end(valueEnd: number): void {
    const nodeBytes = valueEnd - this.#openAt;
    const at = this.#leaf.shrinkLast(this.#openAt, this.#openRoom, nodeBytes);
    this.#leaf.view.setUint32(at, nodeBytes - this.#openHead, IS_LITTLE);
    this.#leaf.view.setUint16(at + NODE_FLAGS, 0, IS_LITTLE);
    this.rows++;
  }

  #makeRoom(nodeBytes: number): void {
    if (this.#leaf.hasRoomFor(nodeBytes)) return;
    const full = this.#writeLeaf();
    this.#addTo(0, full.key, full.page);
  }

  /** Writes what is left; undefined when there are no rows. */
  finish(): TreeSummary | undefined {
    if (this.rows === 0) return undefined;
    let top = this.#writeLeaf();
    for (let level = 0; level < this.#levels.length; level++) {
      this.#addTo(level, top.key, top.page);
      top = (this.#levels[level] as BranchLevel).finish(this.#pages);
    }
    return {
      depth: 1 + this.#levels.length,
      branchPages: this.#levels.reduce((sum, { pageCount }) => sum + pageCount, 0),
      leafPages: this.#leafPages,
      overflowPages: this.#overflowPages,
      rows: this.rows,
      root: top.page,
    };
  }

  #putApart(at: number, buffer: Uint8Array, start: number, end: number): void {
    const { view } = this.#leaf;
    const run = this.#pages.runOf(end - start);
    writeNumber(view, at, this.#pages.addApart(buffer, start, end));
    writeNumber(view, at + 8, this.#pages.transaction);
    writeNumber(view, at + 16, run);
    this.#overflowPages += run;
  }

  /** Writes the leaf; its least key is lent. */
  #writeLeaf(): Child {
    const key = this.#leaf.key(0);
    this.#leafPages++;
    return { key, page: this.#leaf.writeTo(this.#pages) };
  }

  #addTo(level: number, key: Uint8Array, child: number): void {
    let above = this.#levels[level];
    if (above === undefined) {
      above = new BranchLevel(this.#pages);
      this.#levels.push(above);
    }
    const full = above.add(key, child, this.#pages);
    if (full !== undefined) this.#addTo(level + 1, full.key, full.page);
  }
}

function checkedKeyBytes(start: number, end: number): number {
  const keyBytes = end - start;
  if (keyBytes > 0 && keyBytes <= KEY_BYTES_MAX) return keyBytes;
  throw new BackendError(`a key of ${keyBytes} bytes, which no table holds`);
}
