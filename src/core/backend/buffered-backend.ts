// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../base/error-text.ts";
import { invariant } from "../../base/invariant.ts";
import {
  type Backend,
  BackendError,
  type BackendOptions,
  type Boundary,
  BUFFER_BYTES_MAX,
  COMMIT_BYTES,
  COMMIT_OPERATIONS,
  DefragmentError,
  type Existence,
  INDEX_BYTES,
  INDEX_OPERATIONS,
  KEY_BYTES_MAX,
  type PinnedView,
  type RowVisitor,
} from "./backend.ts";
import type { BaseStore } from "./base-store.ts";
import { Lane } from "./generation.ts";
import { MergedOperations, overlaid } from "./merged-scan.ts";
import { BELOW_ABSENT, BELOW_PRESENT, BELOW_UNKNOWN } from "./operation-log.ts";
import { NONE } from "./overlay.ts";
import {
  boundaryRows,
  CONSISTENT_INDEX_KEY,
  INDEX_REVISION_KEY,
  indexRevisionRow,
  TERM_KEY,
} from "./state-rows.ts";
import { etcdValue, isIndexTable, TABLE_NUMBERS, type Table } from "./tables.ts";

const START: Uint8Array = new Uint8Array(0);

const BELOW: Readonly<Record<Existence, number>> = {
  unknown: BELOW_UNKNOWN,
  absent: BELOW_ABSENT,
  present: BELOW_PRESENT,
};

/**
 * The write buffer over a base store. Writes gather in the active generation of one of two lanes,
 * etcd's tables and the index; a commit hands the first to the base store as one transaction, and
 * the second behind it when enough has gathered there. Until that is durable, reads look through
 * all of it: active, then on its way, then the base store.
 */
export class BufferedBackend implements Backend {
  readonly #base: BaseStore;
  readonly #indexOperations: number;
  readonly #rows = new Lane();
  readonly #index = new Lane();
  #running: Promise<Boundary> | undefined;
  #joined: Promise<Boundary> | undefined;
  #compacting: Promise<void> | undefined;
  #compactingNext: Promise<void> | undefined;
  #failure: BackendError | undefined;
  #boundary: Boundary;
  #boundaryWritten: Boundary;
  #durable: Boundary;
  #wantsIndex = false;
  #putTable = 0;
  #putOperation = NONE;
  putBuffer: Uint8Array = START;
  indexRevision: number;
  #durableIndexRevision: number;
  #committedBytes: number;

  constructor(base: BaseStore, options: BackendOptions = {}) {
    this.#base = base;
    this.#indexOperations = options.indexOperations ?? INDEX_OPERATIONS;
    this.#boundary = {
      consistentIndex: this.#number("meta", CONSISTENT_INDEX_KEY),
      term: this.#number("meta", TERM_KEY),
    };
    this.#boundaryWritten = this.#boundary;
    this.#durable = this.#boundary;
    this.indexRevision = this.#number("indexState", INDEX_REVISION_KEY);
    this.#durableIndexRevision = this.indexRevision;
    this.#committedBytes = base.sizeInUseBytes();
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    const number = this.#numberOf(table);
    const { generations } = this.#lane(number);
    for (let at = 0; at < generations.length; at++) {
      const generation = generations[at];
      const operation = generation?.find(number, key) ?? NONE;
      if (generation === undefined || operation === NONE) continue;
      return generation.log.isPut(operation) ? generation.log.value(operation) : undefined;
    }
    return this.#base.get(number, key);
  }

  getCopy(table: Table, key: Uint8Array): Uint8Array | undefined {
    const lent = this.get(table, key);
    return lent === undefined ? undefined : Uint8Array.prototype.slice.call(lent);
  }

  scan(table: Table, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): void {
    const number = this.#numberOf(table);
    const above = new MergedOperations(this.#lane(number).generations, number, from, to);
    if (above.key === undefined) {
      this.#base.scan(number, from, to, visit);
      return;
    }
    if (!this.#base.scan(number, from, to, overlaid(above, visit))) return;
    for (; above.key !== undefined; above.advance()) if (!above.emit(visit)) return;
  }

  prepareScan(table: Table, keysMax: number): boolean {
    const number = this.#numberOf(table);
    let left = 0;
    for (const generation of this.#lane(number).generations) {
      // What one generation leaves undone keeps the next from beginning.
      left += generation.overlay(number)?.orderSome(left === 0 ? keysMax : 0) ?? 0;
    }
    return left === 0;
  }

  forEach(table: Table, visit: (key: Uint8Array, value: Uint8Array) => void): void {
    this.scan(table, START, undefined, (keys, keyStart, keyEnd, values, valueStart, valueEnd) => {
      const key = Uint8Array.prototype.slice.call(keys, keyStart, keyEnd);
      const row = Uint8Array.prototype.slice.call(values, valueStart, valueEnd);
      visit(key, etcdValue(table, row));
      return true;
    });
  }

  count(table: Table, from: Uint8Array, to: Uint8Array | undefined): number {
    const number = this.#numberOf(table);
    let count = this.#base.count(number, from, to);
    for (const generation of this.#lane(number).generations) {
      const overlay = generation.overlay(number);
      if (overlay === undefined) continue;
      const change = overlay.countChange(from, to);
      if (change === undefined) return this.#countByScan(table, from, to);
      count += change;
    }
    return count;
  }

  committedRows(table: Table): number {
    return this.#base.rows(TABLE_NUMBERS[table]);
  }

  lastKey(table: Table): Uint8Array | undefined {
    const number = this.#numberOf(table);
    const { generations } = this.#lane(number);
    const above = new MergedOperations(generations, number, START, undefined);
    if (above.key === undefined) return this.#base.lastKey(number);
    let last: Uint8Array | undefined;
    this.scan(table, START, undefined, (keys, start, end) => {
      last = Uint8Array.prototype.slice.call(keys, start, end);
      return true;
    });
    return last;
  }

  put(table: Table, key: Uint8Array, value: Uint8Array, below: Existence = "unknown"): void {
    const at = this.beginPut(table, key, value.length);
    this.putBuffer.set(value, at);
    this.endPut(at + value.length, below);
  }

  beginPut(table: Table, key: Uint8Array, valueBytesMax: number): number {
    invariant(key.length > 0 && key.length <= KEY_BYTES_MAX, () => `key of ${key.length} bytes`);
    const number = TABLE_NUMBERS[table];
    const { log } = this.#lane(number).active;
    const operation = log.beginPut(number, key, valueBytesMax);
    this.#putTable = number;
    this.#putOperation = operation;
    this.putBuffer = log.buffer(operation);
    return log.valueStart(operation);
  }

  endPut(valueEnd: number, below: Existence): void {
    const { active } = this.#lane(this.#putTable);
    active.log.finishPut(valueEnd);
    active.add(this.#putTable, this.#putOperation, BELOW[below]);
  }

  delete(table: Table, key: Uint8Array, below: Existence = "unknown"): void {
    invariant(key.length > 0 && key.length <= KEY_BYTES_MAX, () => `key of ${key.length} bytes`);
    const number = TABLE_NUMBERS[table];
    const { active } = this.#lane(number);
    active.add(number, active.log.appendDelete(number, key), BELOW[below]);
  }

  setConsistentIndex(index: number, term: number): void {
    this.#boundary = { consistentIndex: index, term };
  }

  get boundary(): Boundary {
    return this.#boundary;
  }

  get durable(): Boundary {
    return this.#durable;
  }

  get durableIndexRevision(): number {
    return this.#durableIndexRevision;
  }

  wantIndex(): void {
    this.#wantsIndex = true;
  }

  get pendingOperations(): number {
    return this.#rows.active.log.operations + (this.#wantsIndex ? 1 : 0);
  }

  get pendingBytes(): number {
    return this.#rows.active.log.bytes;
  }

  get wantsCommit(): boolean {
    const { operations, bytes } = this.#rows.active.log;
    return operations >= COMMIT_OPERATIONS || bytes >= COMMIT_BYTES || this.#wantsIndex;
  }

  get isFull(): boolean {
    return this.#rows.bytes + this.#index.bytes >= BUFFER_BYTES_MAX;
  }

  commit(): Promise<Boundary> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#running === undefined) return this.#start();
    this.#joined ??= this.#running.then(() => {
      this.#joined = undefined;
      return this.commit();
    });
    return this.#joined;
  }

  pin(): PinnedView {
    const view = this.#base.pin();
    return {
      scan: (table, from, to, visit) => {
        view.scan(TABLE_NUMBERS[table], from, to, visit);
      },
      close: () => view.close(),
    };
  }

  defragment(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#compacting === undefined) {
      this.#compacting = this.#compact();
      return this.#compacting;
    }
    const before = this.#compacting.catch(() => {});
    this.#compactingNext ??= before.then(() => {
      this.#compactingNext = undefined;
      return this.defragment();
    });
    return this.#compactingNext;
  }

  async #compact(): Promise<void> {
    try {
      await this.#base.compact();
      this.#committedBytes = this.#base.sizeInUseBytes();
    } catch (cause) {
      const text = errorText(cause);
      if (cause instanceof DefragmentError) throw cause;
      this.#failure ??= new BackendError(`defragment the backend: ${text}`, { cause });
      throw this.#failure;
    } finally {
      this.#compacting = undefined;
    }
  }

  sizeBytes(): number {
    return this.#base.sizeBytes();
  }

  sizeInUseBytes(): number {
    return this.#base.sizeInUseBytes();
  }

  get usedBytes(): number {
    return this.#committedBytes + this.#rows.bytes;
  }

  async close(): Promise<void> {
    try {
      await this.#running;
      await this.#finishIndex();
    } catch {
      // The failed commit has been reported to whoever asked for it.
    }
    this.#failure ??= new BackendError("the backend is closed");
    await this.#base.close();
  }

  /** With nothing uncommitted, the index can be brought up to date for the next opening. */
  async #finishIndex(): Promise<void> {
    if (this.#failure !== undefined || this.#index.active.log.operations === 0) return;
    const { consistentIndex, term } = this.#boundary;
    const isCommitted =
      this.#rows.active.log.operations === 0 &&
      consistentIndex === this.#durable.consistentIndex &&
      term === this.#durable.term;
    if (!isCommitted) return;
    this.#wantsIndex = true;
    await this.#start();
  }

  #start(): Promise<Boundary> {
    this.#writeBoundary();
    const { operations, bytes } = this.#index.active.log;
    const isGathered = operations >= this.#indexOperations || bytes >= INDEX_BYTES;
    const takesIndex = this.#wantsIndex || isGathered;
    this.#wantsIndex = false;
    if (this.#rows.active.log.operations === 0 && !takesIndex) {
      return Promise.resolve(this.#durable);
    }
    this.#running = this.#write(takesIndex, this.#boundary, this.indexRevision);
    return this.#running;
  }

  async #write(takesIndex: boolean, boundary: Boundary, revision: number): Promise<Boundary> {
    if (takesIndex) {
      const { table, key, value } = indexRevisionRow(revision);
      this.put(table, key, value);
    }
    const rows = this.#rows.freeze();
    const index = takesIndex ? this.#index.freeze() : undefined;
    try {
      await this.#base.write(rows.log, index?.log);
    } catch (cause) {
      const text = errorText(cause);
      this.#failure = new BackendError(`commit to the backend: ${text}`, { cause });
      throw this.#failure;
    } finally {
      this.#running = undefined;
    }
    this.#rows.release();
    this.#committedBytes = this.#base.sizeInUseBytes();
    if (index !== undefined) {
      this.#index.release();
      this.#durableIndexRevision = revision;
    }
    this.#durable = boundary;
    return boundary;
  }

  /** Puts the boundary into `meta`, when it has moved since. */
  #writeBoundary(): void {
    const { consistentIndex, term } = this.#boundary;
    const written = this.#boundaryWritten;
    if (consistentIndex === written.consistentIndex && term === written.term) return;
    this.#boundaryWritten = this.#boundary;
    for (const { table, key, value } of boundaryRows(this.#boundary)) this.put(table, key, value);
  }

  #numberOf(table: Table): number {
    const number = TABLE_NUMBERS[table];
    if (number === TABLE_NUMBERS.meta) this.#writeBoundary();
    return number;
  }

  #lane(table: number): Lane {
    return isIndexTable(table) ? this.#index : this.#rows;
  }

  #countByScan(table: Table, from: Uint8Array, to: Uint8Array | undefined): number {
    let count = 0;
    this.scan(table, from, to, () => {
      count++;
      return true;
    });
    return count;
  }

  #number(table: Table, key: Uint8Array): number {
    const value = this.#base.get(TABLE_NUMBERS[table], key);
    if (value === undefined || value.length !== 8) return 0;
    return Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0));
  }
}
