// SPDX-License-Identifier: Apache-2.0
//
// The only file that imports the `lmdb` package: an environment as our tables, opened once by the
// main thread for reading and once by the writer thread.
//
// What is relied on, and where it was seen to hold with lmdb 3.5 (crash.test.ts, backend.test.ts):
//   - a transaction is atomic when the process is killed at any point;
//   - `transactionSync` with `COMMIT_THEN_FLUSH` returns after fdatasync, and after a mark of what
//     is flushed has been written, to a place of its own, with O_DSYNC;
//   - with `safeRestore` opening goes back to the marked state, and the pages of that state are
//     not used again before the next mark: whatever part of an unfinished commit has reached the
//     disk, the state marked last is whole. Without the option the package trusts the page cache
//     until the kernel is booted anew, and the same test finds a torn state;
//   - a snapshot that is held keeps freed pages from being used: the file grows by whole commits.
// And what is not used: asynchronous puts cost the main thread about 1 us and the process about
// 3 us each, where a copy into a buffer that the writer thread executes costs 0.05 us and 1.1 us;
// and values in a SharedArrayBuffer, whose address the package takes to be null.

import { open } from "lmdb";
import { invariant } from "../../base/invariant.ts";
import { LayoutError, type RowVisitor } from "./backend.ts";
import type { BaseView } from "./base-store.ts";
import { visitOperations } from "./operation-log.ts";
import { SortedOperations } from "./sorted-operations.ts";
import { isIndexTable, TABLE_NUMBERS, TABLES } from "./tables.ts";

/** The package's flags for a transaction that is committed at once and flushed right after. */
const COMMIT_THEN_FLUSH = 0x10002;
/** Address space set aside at the start; LMDB maps more when the file outgrows it. */
const MAP_BYTES = 4 * 1024 * 1024 * 1024;
const PAGE_BYTES = 4096;
const DATABASES_MAX = 32;
/** Counts up when rows are laid out in a way that earlier versions of this program misread. */
const LAYOUT = 1;
const LAYOUT_TABLE = "layout";
const LAYOUT_KEY = Uint8Array.of(0);
/** Keys and values are nobody else's to read, as with etcd. */
const FILE_MODE = 0o600;
const INDEX_TRANSACTION_OPERATIONS = 4096;
const APPEND = { append: true };

/** What we use of the package, where its own declarations are narrower than its behaviour. */
interface Transaction {
  done(): void;
}

interface RangeOptions {
  readonly transaction?: Transaction | undefined;
  readonly start: Uint8Array | undefined;
  readonly end: Uint8Array | undefined;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly values?: boolean;
}

interface RowIterator {
  next(): { readonly done?: boolean };
  return(): unknown;
}

interface Rows {
  getBinaryFast(key: Uint8Array): ValueBuffer | undefined;
  getRange(options: RangeOptions): { iterate(): RowIterator };
  getCount(options: RangeOptions): number;
  putSync(key: Uint8Array, value: Uint8Array, options?: { readonly append: boolean }): boolean;
  removeSync(key: Uint8Array): boolean;
  getStats(): TreeStatistics & EnvironmentStatistics;
}

interface Root extends Rows {
  openDB(options: object): Rows;
  useReadTransaction(): Transaction;
  resetReadTxn(): void;
  transactionSync(action: () => void, flags: number): void;
  close(): Promise<void>;
}

/** What the package's own buffers for values look like; their `length` is that of the last read. */
interface ValueBuffer extends Uint8Array {
  readonly maxLength?: number;
}

/** Whether an operation on the key at [keyStart, keyEnd) is to be executed. */
export type OperationFilter = (
  table: number,
  buffer: Buffer,
  keyStart: number,
  keyEnd: number,
) => boolean;

const anyOperation: OperationFilter = () => true;

/**
 * Passes rows on where the package has put them: the key encoder notes where the key is, the
 * decoder calls the visitor, and nothing is copied or allocated.
 */
class RowLens {
  visit: RowVisitor | undefined;
  goOn = true;
  #keyBuffer: Uint8Array = new Uint8Array(0);
  #keyStart = 0;
  #keyEnd = 0;
  #lent: Uint8Array = new Uint8Array(0);
  #plain: Uint8Array = new Uint8Array(0);

  readonly encoder = {
    encode: (value: Uint8Array): Uint8Array => value,
    decode: (bytes: ValueBuffer, size: number): undefined => {
      const values = this.plain(bytes);
      const { visit } = this;
      if (visit === undefined) return;
      const { goOn } = this;
      const more = visit(this.#keyBuffer, this.#keyStart, this.#keyEnd, values, 0, size);
      this.goOn = goOn && more;
    },
  };

  readonly keyEncoder = {
    writeKey: (key: Uint8Array, target: Uint8Array, start: number): number => {
      target.set(key, start);
      return start + key.length;
    },
    readKey: (source: Uint8Array, start: number, end: number): number => {
      this.#keyBuffer = source;
      this.#keyStart = start;
      this.#keyEnd = end;
      return 0;
    },
  };

  get key(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#keyBuffer, this.#keyStart, this.#keyEnd);
  }

  /** The same memory without the package's changed `length`. */
  plain(bytes: ValueBuffer): Uint8Array {
    if (bytes === this.#lent) return this.#plain;
    const size = bytes.maxLength ?? bytes.length;
    this.#lent = bytes;
    this.#plain = new Uint8Array(bytes.buffer, bytes.byteOffset, size);
    return this.#plain;
  }
}

export class LmdbEnvironment {
  readonly #root: Root;
  readonly #lens = new RowLens();
  readonly #tables: readonly Rows[];
  /** Whether index rows of the batch at hand are likely to be the greatest of their tables. */
  #appendsIndex = false;
  /** The state before the write that is going on; undefined when there is none. */
  #held: Transaction | undefined;

  /** With `layout`, a store of another version of this program, for tests. */
  constructor(directory: string, layout = LAYOUT) {
    const options = {
      path: directory,
      noSubdir: false,
      maxDbs: DATABASES_MAX,
      mapSize: MAP_BYTES,
      pageSize: PAGE_BYTES,
      // Never the last committed state, always the last one known to be on disk: the package
      // would trust the page cache as long as the kernel has not been booted anew.
      safeRestore: true,
      permissionsMode: FILE_MODE,
    };
    this.#root = open(options) as unknown as Root;
    const { encoder, keyEncoder } = this.#lens;
    // Before anything else is opened, which would be made when it is missing.
    this.#checkLayout(this.#root.openDB({ name: LAYOUT_TABLE, encoder, keyEncoder }), layout);
    this.#tables = TABLES.map((name) => this.#root.openDB({ name, encoder, keyEncoder }));
  }

  /** Refuses a store of a later layout; one that has none yet gets this program's. */
  #checkLayout(rows: Rows, layout: number): void {
    const lent = rows.getBinaryFast(LAYOUT_KEY);
    if (lent === undefined) {
      const write = (): void => {
        rows.putSync(LAYOUT_KEY, Uint8Array.of(layout));
      };
      this.#root.transactionSync(write, COMMIT_THEN_FLUSH);
      return;
    }
    const found = this.#lens.plain(lent)[0] ?? 0;
    if (found <= layout) return;
    void this.#root.close();
    throw new LayoutError(
      `it has layout ${found}, and this version knows none after ${layout}: ` +
        "start the version that wrote it, or a later one",
    );
  }

  /**
   * Another thread is about to write. Until `refresh`, `count` gives the state before; reads may
   * see some of what is being written.
   */
  hold(): void {
    this.#held ??= this.#root.useReadTransaction();
  }

  /** From now on everything sees what has been committed until now, by any thread. */
  refresh(): void {
    this.#root.resetReadTxn();
    this.#held?.done();
    this.#held = undefined;
  }

  get(table: number, key: Uint8Array): Uint8Array | undefined {
    const rows = this.#table(table);
    const lent = rows.getBinaryFast(key);
    if (lent === undefined) return undefined;
    return this.#lens.plain(lent).subarray(0, lent.length);
  }

  /** The committed state of this moment. */
  pin(): BaseView {
    // What a read has cached must not be taken for the present.
    this.#root.resetReadTxn();
    const transaction = this.#root.useReadTransaction();
    return {
      scan: (table, from, to, visit) => this.scan(table, from, to, visit, transaction),
      close: () => transaction.done(),
    };
  }

  scan(
    table: number,
    from: Uint8Array,
    to: Uint8Array | undefined,
    visit: RowVisitor,
    transaction?: Transaction,
  ): boolean {
    if (to !== undefined && to.length === 0) return true;
    const lens = this.#lens;
    const iterator = this.#table(table).getRange({ start: from, end: to, transaction }).iterate();
    const outer = lens.visit;
    let isDone = false;
    try {
      for (;;) {
        lens.visit = visit;
        lens.goOn = true;
        isDone = iterator.next().done === true;
        if (isDone || !lens.goOn) return isDone;
      }
    } finally {
      lens.visit = outer;
      lens.goOn = true;
      if (!isDone) iterator.return();
    }
  }

  count(table: number, from: Uint8Array, to: Uint8Array | undefined): number {
    if (to !== undefined && to.length === 0) return 0;
    const transaction = this.#held;
    return this.#table(table).getCount({ start: from, end: to, transaction });
  }

  rows(table: number): number {
    return this.#table(table).getStats().entryCount;
  }

  lastKey(table: number): Uint8Array | undefined {
    const options = { reverse: true, limit: 1, start: undefined, end: undefined, values: false };
    const rows = this.#table(table).getRange(options);
    const iterator = rows.iterate();
    if (iterator.next().done === true) return undefined;
    const { key } = this.#lens;
    iterator.return();
    return key;
  }

  /** Executes packed operations as one transaction and returns when it is durable. */
  write(chunks: readonly Uint8Array[], isWanted: OperationFilter = anyOperation): void {
    this.#root.transactionSync(() => {
      visitOperations(chunks, (table, isPut, buffer, keyStart, valueStart, valueEnd) => {
        if (!isWanted(table, buffer, keyStart, valueStart)) return;
        this.#execute(table, isPut, buffer, keyStart, valueStart, valueEnd);
      });
    }, COMMIT_THEN_FLUSH);
  }

  /** The same for puts that are in order, by table and by key, and behind all that is there. */
  append(chunks: readonly Uint8Array[]): void {
    this.#root.transactionSync(() => {
      visitOperations(chunks, (table, _isPut, buffer, keyStart, valueStart, valueEnd) => {
        const key = buffer.subarray(keyStart, valueStart);
        const value = buffer.subarray(valueStart, valueEnd);
        const isBehind = this.#table(table).putSync(key, value, APPEND);
        invariant(isBehind, () => `a row out of order in ${TABLES[table]}`);
      });
    }, COMMIT_THEN_FLUSH);
  }

  /**
   * Executes packed operations on index tables in key order, a few thousand per transaction:
   * LMDB's cost per page grows with the number of pages that a transaction has changed, and
   * neighbouring keys share pages.
   */
  writeIndex(chunks: readonly Uint8Array[], isWanted: OperationFilter = anyOperation): void {
    const operations = new SortedOperations(chunks);
    // A batch that came in key order is likely to lie behind all that is there.
    this.#appendsIndex = operations.isInOrder;
    // And what is appended shares its pages whatever the number.
    const step = this.#appendsIndex ? operations.length : INDEX_TRANSACTION_OPERATIONS;
    for (let from = 0; from < operations.length; from += step) {
      this.#root.transactionSync(() => {
        const to = Math.min(from + step, operations.length);
        for (let at = from; at < to; at++) {
          operations.visit(at, (table, isPut, buffer, keyStart, valueStart, valueEnd) => {
            if (!isWanted(table, buffer, keyStart, valueStart)) return;
            this.#execute(table, isPut, buffer, keyStart, valueStart, valueEnd);
          });
        }
      }, COMMIT_THEN_FLUSH);
    }
  }

  #execute(
    number: number,
    isPut: boolean,
    buffer: Buffer,
    keyStart: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    const table = this.#table(number);
    const key = buffer.subarray(keyStart, valueStart);
    if (!isPut) {
      table.removeSync(key);
      return;
    }
    const value = buffer.subarray(valueStart, valueEnd);
    // Appending fills pages to the brim; LMDB refuses it when the key is not the greatest.
    const appends = number === TABLE_NUMBERS.key || (isIndexTable(number) && this.#appendsIndex);
    if (appends && table.putSync(key, value, APPEND)) return;
    this.#appendsIndex = false;
    table.putSync(key, value);
  }

  sizeBytes(): number {
    const { root, lastPageNumber } = this.#root.getStats();
    return (lastPageNumber + 1) * root.pageSize;
  }

  sizeInUseBytes(): number {
    let pages = 0;
    for (const table of this.#tables) {
      const stats = table.getStats();
      pages += stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
    }
    return pages * this.#root.getStats().root.pageSize;
  }

  async close(): Promise<void> {
    this.#held?.done();
    await this.#root.close();
  }

  #table(number: number): Rows {
    return this.#tables[number] as Rows;
  }
}

interface TreeStatistics {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly entryCount: number;
}

interface EnvironmentStatistics {
  readonly lastPageNumber: number;
  readonly root: TreeStatistics;
}
