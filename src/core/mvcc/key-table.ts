// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { Existence, RowStore, Table } from "../backend/index.ts";

/** Keys of up to so many bytes are rows of the direct table as they are. */
export const DIRECT_KEY_BYTES_MAX = 1960;
const NODE_BYTES = 16;
const ROOT: Uint8Array = new Uint8Array(NODE_BYTES);
const NOTHING: Uint8Array = new Uint8Array(0);

/** Called per row in key order with the lent value; `false` ends the scan. */
export type ValueVisitor = (buffer: Uint8Array, start: number, end: number) => boolean;

/** The change that writes a row; names the nodes that it makes. */
export interface Writer {
  readonly main: number;
  readonly sub: number;
}

/** The backend's tables that together are one table by user key. */
export interface KeyTableNames {
  /** Keys that are short enough. */
  readonly direct: Table;
  /** The last parts of long keys, under the name of a node. */
  readonly long: Table;
  /** What comes before: a node's name and a part, leading to the next node. */
  readonly links: Table;
}

/** What is left to visit under a node: keys, cut to what lies behind the node. */
interface Level {
  readonly node: Uint8Array;
  from: Uint8Array;
  readonly to: Uint8Array | undefined;
}

interface Link {
  readonly part: Uint8Array;
  readonly node: Uint8Array;
}

/**
 * A table by user key, in byte order, for keys of any length. The backend's keys are limited, so
 * a long key is cut into parts of the greatest length. A link leads from the first part to a node,
 * under whose name lies the rest of the key, cut again where it is too long. All keys behind a
 * link sort behind the key that equals its part, and before every other that is above the part:
 * a shorter key cannot come in between.
 *
 * A node is named by the change that made it and its level, so no name is ever given twice. That
 * matters because rows and links may reach the disk apart: after a crash a link may lead to
 * nothing, and rows of a node may be out of reach, but never in somebody else's.
 */
export class KeyTable {
  readonly #backend: RowStore;
  readonly #names: KeyTableNames;
  readonly #part: number;
  #hasLinks: boolean;
  #mayHoldRows: boolean;
  #linksWereMade = false;
  #rowCount: number;

  /** `partBytes` is only for tests of the cutting. */
  constructor(backend: RowStore, names: KeyTableNames, partBytes: number = DIRECT_KEY_BYTES_MAX) {
    this.#backend = backend;
    this.#names = names;
    this.#part = partBytes;
    this.#hasLinks = backend.lastKey(names.links) !== undefined;
    this.#mayHoldRows = this.#hasLinks || backend.lastKey(names.direct) !== undefined;
    this.#rowCount = backend.committedRows(names.direct) + backend.committedRows(names.long);
  }

  /** False only when the table has been empty ever since it was opened. */
  get mayHoldRows(): boolean {
    return this.#mayHoldRows;
  }

  /** How many keys there are; made when nothing waits to be committed. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** The value, lent until the next call of the backend. */
  get(key: Uint8Array): Uint8Array | undefined {
    if (key.length <= this.#part) return this.#backend.get(this.#names.direct, key);
    const row = this.#resolve(key, undefined);
    return row === undefined ? undefined : this.#backend.get(this.#names.long, row);
  }

  /** Begins a put whose value the caller writes, see `Backend.beginPut`. */
  beginPut(key: Uint8Array, valueBytesMax: number, writer: Writer): number {
    this.#mayHoldRows = true;
    this.#linksWereMade = false;
    if (key.length <= this.#part) {
      return this.#backend.beginPut(this.#names.direct, key, valueBytesMax);
    }
    this.#hasLinks = true;
    const row = this.#resolve(key, writer);
    invariant(row !== undefined, "a long key has a row");
    return this.#backend.beginPut(this.#names.long, row, valueBytesMax);
  }

  /** The same for a key that has had no row yet, if that can be told at once; else -1. */
  beginFirst(bytes: Uint8Array, start: number, end: number, valueBytesMax: number): number {
    const backend = this.#backend;
    if (backend.beginFirst === undefined || end - start > this.#part) return -1;
    this.#mayHoldRows = true;
    this.#linksWereMade = false;
    return backend.beginFirst(this.#names.direct, bytes, start, end, valueBytesMax);
  }

  /** Ends it; `below` tells whether the table held the key. */
  endPut(valueEnd: number, below: Existence): void {
    if (below !== "present") this.#rowCount++;
    // The node may have been made before a crash, its row on disk and the link not.
    this.#backend.endPut(valueEnd, this.#linksWereMade ? "unknown" : below);
  }

  /** Deletes a key that the table holds. */
  delete(key: Uint8Array): void {
    if (key.length <= this.#part) {
      this.#backend.delete(this.#names.direct, key, "present");
      this.#rowCount--;
      return;
    }
    const row = this.#resolve(key, undefined);
    if (row === undefined) return;
    this.#backend.delete(this.#names.long, row, "present");
    this.#rowCount--;
    // Links that lead to nothing are in nobody's way, and a store that is not complete is not scanned.
    if (this.#backend.isBeingBuilt !== true) this.#prune(key);
  }

  /** Does a part of what `scan` would do before its first row; see `Backend.prepareScan`. */
  prepareScan(keysMax: number): boolean {
    const { direct, long } = this.#names;
    if (!this.#backend.prepareScan(direct, keysMax)) return false;
    return !this.#hasLinks || this.#backend.prepareScan(long, keysMax);
  }

  /** The rows with `from` <= key < `to`, or to the end. */
  scan(from: Uint8Array, to: Uint8Array | undefined, visit: ValueVisitor): void {
    const levels: Level[] = [{ node: ROOT, from, to }];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const link = this.#hasLinks ? this.#firstLink(level) : undefined;
      if (!this.#scanUpTo(level, link, visit)) return;
      if (link === undefined) levels.pop();
      else this.#descend(levels, level, link);
    }
  }

  /** How many rows `scan` would visit. */
  count(from: Uint8Array, to: Uint8Array | undefined): number {
    let count = this.#countRows({ node: ROOT, from, to });
    const levels: Level[] = this.#hasLinks ? [{ node: ROOT, from, to }] : [];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const link = this.#firstLink(level);
      if (link === undefined) levels.pop();
      else count += this.#countRows(this.#descend(levels, level, link));
    }
    return count;
  }

  /** Goes on behind a link, and after that with what comes behind it in the level. */
  #descend(levels: Level[], level: Level, link: Link): Level {
    const behind = this.#behind(level, link);
    const next = afterAllWith(link.part);
    if (next === undefined) levels.pop();
    else level.from = next;
    levels.push(behind);
    return behind;
  }

  /** The first link of a level that leads to keys in its bounds. */
  #firstLink({ node, from, to }: Level): Link | undefined {
    const part = this.#part;
    let end = nameAfter(node);
    if (to !== undefined) end = joined(node, to.length > part ? after(to.subarray(0, part)) : to);
    const start = joined(node, from.subarray(0, part));
    let link: Link | undefined;
    this.#backend.scan(
      this.#names.links,
      start,
      end,
      (keys, keyStart, keyEnd, values, valueStart, valueEnd) => {
        link = {
          part: Uint8Array.prototype.slice.call(keys, keyStart + NODE_BYTES, keyEnd),
          node: Uint8Array.prototype.slice.call(values, valueStart, valueEnd),
        };
        return false;
      },
    );
    return link;
  }

  /** Visits a level's own rows up to the key that equals the link's part, or to the end. */
  #scanUpTo(level: Level, link: Link | undefined, visit: ValueVisitor): boolean {
    const { table, from, to } = this.#rowBounds(level, link);
    let goOn = true;
    this.#backend.scan(table, from, to, (_keys, _start, _end, values, start, end) => {
      goOn = visit(values, start, end);
      return goOn;
    });
    return goOn;
  }

  #countRows(level: Level): number {
    const { table, from, to } = this.#rowBounds(level, undefined);
    return this.#backend.count(table, from, to);
  }

  /** Where the rows of a level lie whose keys are whole there. */
  #rowBounds(
    { node, from, to }: Level,
    link: Link | undefined,
  ): { table: Table; from: Uint8Array; to: Uint8Array | undefined } {
    const part = this.#part;
    const low = from.length > part ? after(from.subarray(0, part)) : from;
    let high = to;
    if (link !== undefined) high = after(link.part);
    else if (to !== undefined && to.length > part) high = after(to.subarray(0, part));
    if (node === ROOT) return { table: this.#names.direct, from: low, to: high };
    const end = high === undefined ? nameAfter(node) : joined(node, high);
    return { table: this.#names.long, from: joined(node, low), to: end };
  }

  /** The level behind a link; a bound that runs through the link goes on there. */
  #behind({ from, to }: Level, { part, node }: Link): Level {
    return {
      node,
      from: this.#runsThrough(from, part) ? from.subarray(this.#part) : NOTHING,
      to: to !== undefined && this.#runsThrough(to, part) ? to.subarray(this.#part) : undefined,
    };
  }

  #runsThrough(bound: Uint8Array, part: Uint8Array): boolean {
    const size = this.#part;
    return bound.length > size && compareBytes(bound.subarray(0, size), part) === 0;
  }

  /** The row of a long key; undefined when a link is missing and nobody is there to write it. */
  #resolve(key: Uint8Array, writer: Writer | undefined): Uint8Array | undefined {
    const { links } = this.#names;
    let node = ROOT;
    let at = 0;
    while (key.length - at > this.#part) {
      const link = joined(node, key.subarray(at, at + this.#part));
      let next = this.#backend.getCopy(links, link);
      if (next === undefined) {
        if (writer === undefined) return undefined;
        next = nodeName(writer, at / this.#part);
        this.#linksWereMade = true;
        this.#backend.put(links, link, next, "absent");
      }
      node = next;
      at += this.#part;
    }
    return joined(node, key.subarray(at));
  }

  /** Removes the links to nodes that a delete has left empty, the deepest first. */
  #prune(key: Uint8Array): void {
    const path: { link: Uint8Array; node: Uint8Array }[] = [];
    let node = ROOT;
    for (let at = 0; key.length - at > this.#part; at += this.#part) {
      const link = joined(node, key.subarray(at, at + this.#part));
      const next = this.#backend.getCopy(this.#names.links, link);
      invariant(next !== undefined, "a stored long key has its links");
      path.push({ link, node: next });
      node = next;
    }
    for (const step of path.reverse()) {
      if (!this.#isEmpty(step.node)) return;
      this.#backend.delete(this.#names.links, step.link, "present");
    }
  }

  #isEmpty(node: Uint8Array): boolean {
    let empty = true;
    const found = (): boolean => {
      empty = false;
      return false;
    };
    for (const table of [this.#names.long, this.#names.links]) {
      this.#backend.scan(table, node, nameAfter(node), found);
    }
    return empty;
  }
}

function nodeName({ main, sub }: Writer, level: number): Uint8Array {
  const name = Buffer.alloc(NODE_BYTES);
  name.writeBigUInt64BE(BigInt(main));
  name.writeUInt32BE(sub, 8);
  name.writeUInt32BE(level, 12);
  return name;
}

/** The least name above a node's: where its keys end. */
function nameAfter(name: Uint8Array): Uint8Array {
  const next = Uint8Array.prototype.slice.call(name);
  let at = next.length - 1;
  while (next[at] === 0xff) next[at--] = 0;
  next[at] = (next[at] as number) + 1;
  return next;
}

/** The least key above a key. */
function after(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** The least key above all that begin with a part; undefined when there is none. */
function afterAllWith(part: Uint8Array): Uint8Array | undefined {
  let end = part.length;
  while (end > 0 && part[end - 1] === 0xff) end--;
  if (end === 0) return undefined;
  const next = Uint8Array.prototype.slice.call(part, 0, end);
  next[end - 1] = (next[end - 1] as number) + 1;
  return next;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
