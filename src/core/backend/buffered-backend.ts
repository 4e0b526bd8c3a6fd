// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import {
  type Backend,
  BackendError,
  type Boundary,
  BUFFER_BYTES_MAX,
  COMMIT_BYTES,
  COMMIT_OPERATIONS,
  type Existence,
  KEY_BYTES_MAX,
  type RowVisitor,
} from "./backend.ts";
import type { BaseStore } from "./base-store.ts";
import { Generation } from "./generation.ts";
import { MergedOperations, overlaid } from "./merged-scan.ts";
import { BELOW_ABSENT, BELOW_PRESENT, BELOW_UNKNOWN } from "./operation-log.ts";
import { NONE } from "./overlay.ts";
import { etcdValue, TABLE_NUMBERS, type Table } from "./tables.ts";

const CONSISTENT_INDEX_KEY = new TextEncoder().encode("consistent_index");
const TERM_KEY = new TextEncoder().encode("term");
const START: Uint8Array = new Uint8Array(0);

const BELOW: Readonly<Record<Existence, number>> = {
  unknown: BELOW_UNKNOWN,
  absent: BELOW_ABSENT,
  present: BELOW_PRESENT,
};

/**
 * The write buffer over a base store. Writes gather in the active generation; a commit hands it
 * to the base store as one transaction and starts a new one. Until the transaction is durable,
 * reads look through both: active, then flushing, then the base store.
 */
export class BufferedBackend implements Backend {
  readonly #base: BaseStore;
  #active = new Generation();
  #flushing: Generation | undefined;
  /** Newest first: what reads look through. */
  #generations: readonly Generation[] = [this.#active];
  #running: Promise<Boundary> | undefined;
  #joined: Promise<Boundary> | undefined;
  #failure: BackendError | undefined;
  #boundary: Boundary;
  #boundaryWritten: Boundary;
  #durable: Boundary;

  constructor(base: BaseStore) {
    this.#base = base;
    this.#boundary = {
      consistentIndex: this.#number(CONSISTENT_INDEX_KEY),
      term: this.#number(TERM_KEY),
    };
    this.#boundaryWritten = this.#boundary;
    this.#durable = this.#boundary;
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    const number = TABLE_NUMBERS[table];
    if (number === TABLE_NUMBERS.meta) this.#writeBoundary();
    for (const generation of this.#generations) {
      const operation = generation.overlay(number).find(key);
      if (operation === NONE) continue;
      return generation.log.isPut(operation) ? generation.log.value(operation) : undefined;
    }
    return this.#base.get(number, key);
  }

  getCopy(table: Table, key: Uint8Array): Uint8Array | undefined {
    const lent = this.get(table, key);
    return lent === undefined ? undefined : Uint8Array.prototype.slice.call(lent);
  }

  scan(table: Table, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): void {
    const number = TABLE_NUMBERS[table];
    if (number === TABLE_NUMBERS.meta) this.#writeBoundary();
    const above = new MergedOperations(this.#generations, number, from, to);
    if (above.key === undefined) {
      this.#base.scan(number, from, to, visit);
      return;
    }
    if (!this.#base.scan(number, from, to, overlaid(above, visit))) return;
    for (; above.key !== undefined; above.advance()) if (!above.emit(visit)) return;
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
    const number = TABLE_NUMBERS[table];
    if (number === TABLE_NUMBERS.meta) this.#writeBoundary();
    let count = this.#base.count(number, from, to);
    const above = new MergedOperations(this.#generations, number, from, to);
    for (; above.key !== undefined; above.advance()) {
      const { log, operation } = above;
      const isPut = log?.isPut(operation) === true;
      const wasThere = this.#baseHolds(number, above.keyBytes);
      if (isPut !== wasThere) count += isPut ? 1 : -1;
    }
    return count;
  }

  lastKey(table: Table): Uint8Array | undefined {
    const number = TABLE_NUMBERS[table];
    if (number === TABLE_NUMBERS.meta) this.#writeBoundary();
    const above = new MergedOperations(this.#generations, number, START, undefined);
    const base = this.#base.lastKey(number);
    if (above.key === undefined) return base;
    let last: Uint8Array | undefined;
    this.scan(table, START, undefined, (keys, start, end) => {
      last = Uint8Array.prototype.slice.call(keys, start, end);
      return true;
    });
    return last;
  }

  put(table: Table, key: Uint8Array, value: Uint8Array, below: Existence = "unknown"): void {
    invariant(key.length > 0 && key.length <= KEY_BYTES_MAX, `key of ${key.length} bytes`);
    this.#active.overlay(TABLE_NUMBERS[table]).put(key, value, BELOW[below]);
  }

  delete(table: Table, key: Uint8Array, below: Existence = "unknown"): void {
    invariant(key.length > 0 && key.length <= KEY_BYTES_MAX, `key of ${key.length} bytes`);
    this.#active.overlay(TABLE_NUMBERS[table]).put(key, undefined, BELOW[below]);
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

  get pendingOperations(): number {
    return this.#active.log.operations;
  }

  get pendingBytes(): number {
    return this.#active.log.bytes;
  }

  get wantsCommit(): boolean {
    const { operations, bytes } = this.#active.log;
    return operations >= COMMIT_OPERATIONS || bytes >= COMMIT_BYTES;
  }

  get isFull(): boolean {
    return this.#active.log.bytes + (this.#flushing?.log.bytes ?? 0) >= BUFFER_BYTES_MAX;
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

  sizeBytes(): number {
    return this.#base.sizeBytes();
  }

  sizeInUseBytes(): number {
    return this.#base.sizeInUseBytes();
  }

  async close(): Promise<void> {
    try {
      await this.#running;
    } catch {
      // The failed commit has been reported to whoever asked for it.
    }
    this.#failure ??= new BackendError("the backend is closed");
    await this.#base.close();
  }

  #start(): Promise<Boundary> {
    this.#writeBoundary();
    const generation = this.#active;
    if (generation.log.operations === 0) return Promise.resolve(this.#durable);
    const boundary = this.#boundary;
    this.#flushing = generation;
    this.#active = new Generation();
    this.#generations = [this.#active, generation];
    this.#running = this.#write(generation, boundary);
    return this.#running;
  }

  async #write(generation: Generation, boundary: Boundary): Promise<Boundary> {
    try {
      await this.#base.write(generation.log.copies());
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      this.#failure = new BackendError(`commit to the backend: ${text}`, { cause });
      throw this.#failure;
    } finally {
      this.#running = undefined;
    }
    this.#flushing = undefined;
    this.#generations = [this.#active];
    this.#durable = boundary;
    return boundary;
  }

  /** Puts the boundary into `meta`, when it has moved since. */
  #writeBoundary(): void {
    const { consistentIndex, term } = this.#boundary;
    const written = this.#boundaryWritten;
    if (consistentIndex === written.consistentIndex && term === written.term) return;
    this.#boundaryWritten = this.#boundary;
    this.put("meta", CONSISTENT_INDEX_KEY, bigEndian(consistentIndex));
    if (term !== 0) this.put("meta", TERM_KEY, bigEndian(term));
  }

  #number(key: Uint8Array): number {
    const value = this.#base.get(TABLE_NUMBERS.meta, key);
    if (value === undefined || value.length !== 8) return 0;
    return Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0));
  }

  /** Whether the base store holds the key: as the writer knew it, or else by looking. */
  #baseHolds(table: number, key: Uint8Array): boolean {
    const lowest = this.#generations[this.#generations.length - 1] as Generation;
    for (const generation of [lowest, this.#active]) {
      const operation = generation.overlay(table).find(key);
      if (operation === NONE) continue;
      const below = generation.log.below(operation);
      if (below !== BELOW_UNKNOWN) return below === BELOW_PRESENT;
      const holds = this.#base.get(table, key) !== undefined;
      generation.log.setBelow(operation, holds ? BELOW_PRESENT : BELOW_ABSENT);
      return holds;
    }
    return this.#base.get(table, key) !== undefined;
  }
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
