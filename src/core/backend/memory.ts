// SPDX-License-Identifier: Apache-2.0

import { binaryString, bytesOf } from "../../base/binary-string.ts";
import type { Backend, BackendOptions, RowVisitor } from "./backend.ts";
import type { BaseStore, BaseView } from "./base-store.ts";
import { BufferedBackend } from "./buffered-backend.ts";
import { type OperationLog, visitOperations } from "./operation-log.ts";
import { OrderedMap } from "./ordered-map.ts";
import { SortedOperations } from "./sorted-operations.ts";
import { TABLES } from "./tables.ts";

const ROW_OVERHEAD_BYTES = 32;

/**
 * What a memory backend's commits have made durable. Opening another backend on the same disk is
 * a restart after a crash: what was not committed is gone.
 */
export class MemoryDisk {
  readonly tables: readonly OrderedMap<Uint8Array>[] = TABLES.map(() => new OrderedMap());
  bytes = 0;

  apply(chunks: readonly Uint8Array[]): void {
    visitOperations(chunks, (table, isPut, buffer, keyStart, valueStart, valueEnd) => {
      this.#execute(table, isPut, buffer, keyStart, valueStart, valueEnd);
    });
  }

  /** The same, in order of tables, asking before each operation. */
  async applySingly(chunks: readonly Uint8Array[], before: () => Promise<void>): Promise<void> {
    const operations = new SortedOperations(chunks);
    for (let at = 0; at < operations.length; at++) {
      await before();
      operations.visit(at, (table, isPut, buffer, keyStart, valueStart, valueEnd) => {
        this.#execute(table, isPut, buffer, keyStart, valueStart, valueEnd);
      });
    }
  }

  #execute(
    number: number,
    isPut: boolean,
    buffer: Uint8Array,
    keyStart: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    const table = this.tables[number] as OrderedMap<Uint8Array>;
    const key = binaryString(buffer, keyStart, valueStart);
    const old = table.get(key);
    if (old !== undefined) this.bytes -= ROW_OVERHEAD_BYTES + key.length + old.length;
    if (!isPut) {
      table.delete(key);
      return;
    }
    const value = Uint8Array.prototype.slice.call(buffer, valueStart, valueEnd);
    table.set(key, value);
    this.bytes += ROW_OVERHEAD_BYTES + key.length + value.length;
  }
}

class MemoryBase implements BaseStore {
  readonly #disk: MemoryDisk;
  readonly #beforeWrite: () => Promise<void>;
  readonly #beforeIndexOperation: (() => Promise<void>) | undefined;

  constructor(disk: MemoryDisk, options: MemoryOptions) {
    this.#disk = disk;
    this.#beforeWrite = options.beforeWrite ?? nothing;
    this.#beforeIndexOperation = options.beforeIndexOperation;
  }

  get(table: number, key: Uint8Array): Uint8Array | undefined {
    return this.#table(table).get(binaryString(key, 0, key.length));
  }

  scan(table: number, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): boolean {
    return scanTable(this.#table(table), from, to, visit);
  }

  pin(): BaseView {
    const tables = this.#disk.tables.map(copyOf);
    return {
      scan: (table, from, to, visit) =>
        scanTable(tables[table] as OrderedMap<Uint8Array>, from, to, visit),
      close: () => {},
    };
  }

  count(table: number, from: Uint8Array, to: Uint8Array | undefined): number {
    let count = 0;
    this.scan(table, from, to, () => {
      count++;
      return true;
    });
    return count;
  }

  rows(table: number): number {
    return this.#table(table).size;
  }

  lastKey(table: number): Uint8Array | undefined {
    const key = this.#table(table).lastKey();
    return key === undefined ? undefined : bytesOf(key);
  }

  async write(rows: OperationLog, index: OperationLog | undefined): Promise<void> {
    await this.#beforeWrite();
    this.#disk.apply(rows.chunks());
    if (index === undefined) return;
    if (this.#beforeIndexOperation === undefined) this.#disk.apply(index.chunks());
    else await this.#disk.applySingly(index.chunks(), this.#beforeIndexOperation);
  }

  /** There are no gaps in memory. */
  async compact(): Promise<void> {}

  sizeBytes(): number {
    return this.#disk.bytes;
  }

  sizeInUseBytes(): number {
    return this.#disk.bytes;
  }

  async close(): Promise<void> {}

  #table(number: number): OrderedMap<Uint8Array> {
    return this.#disk.tables[number] as OrderedMap<Uint8Array>;
  }
}

function scanTable(
  table: OrderedMap<Uint8Array>,
  from: Uint8Array,
  to: Uint8Array | undefined,
  visit: RowVisitor,
): boolean {
  const end = to === undefined ? undefined : binaryString(to, 0, to.length);
  const cursor = table.cursor(binaryString(from, 0, from.length));
  for (; cursor.key !== undefined; cursor.advance()) {
    if (end !== undefined && cursor.key >= end) return true;
    const key = bytesOf(cursor.key);
    const value = cursor.value as Uint8Array;
    if (!visit(key, 0, key.length, value, 0, value.length)) return false;
  }
  return true;
}

function copyOf(table: OrderedMap<Uint8Array>): OrderedMap<Uint8Array> {
  const copy = new OrderedMap<Uint8Array>();
  for (const cursor = table.cursor(""); cursor.key !== undefined; cursor.advance()) {
    copy.set(cursor.key, cursor.value as Uint8Array);
  }
  return copy;
}

const nothing = async (): Promise<void> => {};

export interface MemoryOptions extends BackendOptions {
  /** Delays a commit, or fails it by rejecting. */
  readonly beforeWrite?: () => Promise<void>;
  /** The same before each operation on the index. */
  readonly beforeIndexOperation?: () => Promise<void>;
}

/** A backend in memory: deterministic, for tests and simulation. */
export function openMemoryBackend(
  disk: MemoryDisk = new MemoryDisk(),
  options: MemoryOptions = {},
): Backend {
  return new BufferedBackend(new MemoryBase(disk, options), options);
}
