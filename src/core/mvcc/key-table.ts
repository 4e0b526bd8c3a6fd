// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { Backend, Table } from "../backend/index.ts";

/** Keys of up to so many bytes are rows of the direct table as they are. */
export const DIRECT_KEY_BYTES_MAX = 1960;
const NODE_BYTES = 16;
const LINK_MARK = 0;
const NO_PREFIX: Uint8Array = new Uint8Array(0);

/** Called per row in key order with the lent value; `false` ends the scan. */
export type ValueVisitor = (buffer: Uint8Array, start: number, end: number) => boolean;

/** One level of a scan: the rows of one node, or of the direct table, that are left to visit. */
interface Level {
  readonly table: Table;
  readonly prefix: Uint8Array;
  from: Uint8Array;
  readonly to: Uint8Array | undefined;
  /** The rest of a bound that goes on behind the link of its first part. */
  readonly low: Bound | undefined;
  readonly high: Bound | undefined;
}

interface Bound {
  readonly link: Uint8Array;
  readonly rest: Uint8Array;
}

interface Link {
  readonly row: Uint8Array;
  readonly node: Uint8Array;
}

/** The change that writes a row; names the nodes that it makes. */
export interface Writer {
  readonly main: number;
  readonly sub: number;
}

/**
 * A table by user key, in byte order, for keys of any length. The backend's keys are limited, so
 * a long key is cut into parts: its first part, with one byte behind it that makes it longer than
 * any direct key, is a link row that names a node; under the node's name lies the rest, cut
 * again where it is too long. A link sorts behind the direct key that equals its part and before
 * all others above, which is where the keys behind it belong.
 *
 * A node is named by the change that made it and its level, so no name is ever given twice. That
 * matters because rows and links may reach the disk apart: after a crash a link may lead to
 * nothing, and rows of a node may be out of reach, but never in somebody else's.
 */
export class KeyTable {
  readonly #backend: Backend;
  readonly #direct: Table;
  readonly #long: Table;
  readonly #part: number;
  #hasLongKeys: boolean;
  #mayHoldRows: boolean;

  /** `partBytes` is only for tests of the cutting. */
  constructor(
    backend: Backend,
    direct: Table,
    long: Table,
    partBytes: number = DIRECT_KEY_BYTES_MAX,
  ) {
    this.#backend = backend;
    this.#direct = direct;
    this.#long = long;
    this.#part = partBytes;
    const last = backend.lastKey(long);
    this.#hasLongKeys = last !== undefined;
    this.#mayHoldRows = last !== undefined || backend.lastKey(direct) !== undefined;
  }

  /** False only when the table has been empty ever since it was opened. */
  get mayHoldRows(): boolean {
    return this.#mayHoldRows;
  }

  /** The value, lent until the next call of the backend. */
  get(key: Uint8Array): Uint8Array | undefined {
    if (key.length <= this.#part) return this.#backend.get(this.#direct, key);
    const row = this.#resolve(key, undefined);
    return row === undefined ? undefined : this.#backend.get(this.#long, row);
  }

  /**
   * Begins a put whose value the caller writes, see `Backend.beginPut`; the backend's `endPut`
   * ends it.
   */
  beginPut(key: Uint8Array, valueBytesMax: number, writer: Writer): number {
    this.#mayHoldRows = true;
    if (key.length <= this.#part) {
      return this.#backend.beginPut(this.#direct, key, valueBytesMax);
    }
    this.#hasLongKeys = true;
    const row = this.#resolve(key, writer);
    invariant(row !== undefined, "a long key has a row");
    return this.#backend.beginPut(this.#long, row, valueBytesMax);
  }

  delete(key: Uint8Array): void {
    if (key.length <= this.#part) {
      this.#backend.delete(this.#direct, key, "present");
      return;
    }
    const row = this.#resolve(key, undefined);
    if (row === undefined) return;
    this.#backend.delete(this.#long, row);
    this.#prune(key);
  }

  /** The rows with `from` <= key < `to`, or to the end. */
  scan(from: Uint8Array, to: Uint8Array | undefined, visit: ValueVisitor): void {
    if (!this.#hasLongKeys) {
      this.#scanDirect(from, to, visit);
      return;
    }
    const levels = [this.#level(this.#direct, NO_PREFIX, from, to)];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const link = this.#scanLevel(level, visit);
      if (link === false) return;
      if (link === undefined) levels.pop();
      else levels.push(this.#below(level, link));
    }
  }

  /** How many rows `scan` would visit. */
  count(from: Uint8Array, to: Uint8Array | undefined): number {
    if (!this.#hasLongKeys) {
      const { from: low, to: high } = this.#level(this.#direct, NO_PREFIX, from, to);
      return this.#backend.count(this.#direct, low, high);
    }
    let count = 0;
    this.scan(from, to, () => {
      count++;
      return true;
    });
    return count;
  }

  #scanDirect(from: Uint8Array, to: Uint8Array | undefined, visit: ValueVisitor): void {
    const { from: low, to: high } = this.#level(this.#direct, NO_PREFIX, from, to);
    this.#backend.scan(this.#direct, low, high, (_keys, _start, _end, values, start, end) =>
      visit(values, start, end),
    );
  }

  /** Visits a level's rows up to the next link: undefined at the end, false when told to stop. */
  #scanLevel(level: Level, visit: ValueVisitor): Link | undefined | false {
    const linkBytes = level.prefix.length + this.#part + 1;
    let found: Link | undefined | false;
    this.#backend.scan(
      level.table,
      level.from,
      level.to,
      (keys, keyStart, keyEnd, values, start, end) => {
        if (keyEnd - keyStart === linkBytes) {
          const row = Uint8Array.prototype.slice.call(keys, keyStart, keyEnd);
          found = { row, node: Uint8Array.prototype.slice.call(values, start, end) };
          return false;
        }
        if (visit(values, start, end)) return true;
        found = false;
        return false;
      },
    );
    if (found) level.from = joined(found.row, [LINK_MARK]);
    return found;
  }

  #level(table: Table, prefix: Uint8Array, from: Uint8Array, to: Uint8Array | undefined): Level {
    const low = this.#bound(prefix, from);
    const high = to === undefined ? undefined : this.#bound(prefix, to);
    return {
      table,
      prefix,
      from: low?.link ?? joined(prefix, from),
      to: high === undefined ? this.#levelEnd(prefix, to) : joined(high.link, [LINK_MARK]),
      low,
      high,
    };
  }

  #levelEnd(prefix: Uint8Array, to: Uint8Array | undefined): Uint8Array | undefined {
    if (to !== undefined) return joined(prefix, to);
    if (prefix.length === 0) return undefined;
    return nameAfter(prefix);
  }

  #bound(prefix: Uint8Array, key: Uint8Array): Bound | undefined {
    if (key.length <= this.#part) return undefined;
    const part = joined(prefix, key.subarray(0, this.#part));
    return { link: joined(part, [LINK_MARK]), rest: key.subarray(this.#part) };
  }

  /** The level behind a link; a bound that runs through the link goes on there. */
  #below(level: Level, { row, node }: Link): Level {
    const { low, high } = level;
    const from = low !== undefined && compareBytes(low.link, row) === 0 ? low.rest : NO_PREFIX;
    const to = high !== undefined && compareBytes(high.link, row) === 0 ? high.rest : undefined;
    return this.#level(this.#long, node, from, to);
  }

  /** The row of a long key in the table of long keys; undefined when a link is missing. */
  #resolve(key: Uint8Array, writer: Writer | undefined): Uint8Array | undefined {
    let table = this.#direct;
    let prefix = NO_PREFIX;
    let at = 0;
    while (key.length - at > this.#part) {
      const link = joined(joined(prefix, key.subarray(at, at + this.#part)), [LINK_MARK]);
      let node = this.#backend.getCopy(table, link);
      if (node === undefined) {
        if (writer === undefined) return undefined;
        node = nodeName(writer, at / this.#part);
        this.#backend.put(table, link, node);
      }
      table = this.#long;
      prefix = node;
      at += this.#part;
    }
    return joined(prefix, key.subarray(at));
  }

  /** Removes the links to nodes that a delete has left empty, the deepest first. */
  #prune(key: Uint8Array): void {
    const links: { table: Table; row: Uint8Array; node: Uint8Array }[] = [];
    let table = this.#direct;
    let prefix = NO_PREFIX;
    for (let at = 0; key.length - at > this.#part; at += this.#part) {
      const row = joined(joined(prefix, key.subarray(at, at + this.#part)), [LINK_MARK]);
      const node = this.#backend.getCopy(table, row);
      invariant(node !== undefined, "a stored long key has its links");
      links.push({ table, row, node });
      table = this.#long;
      prefix = node;
    }
    for (const link of links.reverse()) {
      if (!this.#isEmpty(link.node)) return;
      this.#backend.delete(link.table, link.row);
    }
  }

  #isEmpty(node: Uint8Array): boolean {
    let empty = true;
    this.#backend.scan(this.#long, node, this.#levelEnd(node, undefined), () => {
      empty = false;
      return false;
    });
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

function joined(head: Uint8Array, tail: ArrayLike<number>): Uint8Array {
  if (head.length === 0 && tail instanceof Uint8Array) return tail;
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
