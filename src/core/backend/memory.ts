// SPDX-License-Identifier: Apache-2.0

import type { Backend, RowVisitor } from "./backend.ts";
import type { BaseStore } from "./base-store.ts";
import { binaryString, bytesOf } from "./binary-string.ts";
import { BufferedBackend } from "./buffered-backend.ts";
import { visitOperations } from "./operation-log.ts";
import { OrderedMap } from "./ordered-map.ts";
import { TABLES } from "./tables.ts";

const ROW_OVERHEAD_BYTES = 32;

/**
 * What a memory backend's commits have made durable. Opening another backend on the same disk is
 * a restart after a crash: what was not committed is gone.
 */
export class MemoryDisk {
  readonly tables: readonly OrderedMap<Uint8Array>[] = TABLES.map(() => new OrderedMap());
  bytes = 0;

  apply(chunks: ArrayBuffer[]): void {
    visitOperations(chunks, (number, isPut, buffer, keyStart, valueStart, valueEnd) => {
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
    });
  }
}

class MemoryBase implements BaseStore {
  readonly #disk: MemoryDisk;
  readonly #beforeWrite: () => Promise<void>;

  constructor(disk: MemoryDisk, beforeWrite: () => Promise<void>) {
    this.#disk = disk;
    this.#beforeWrite = beforeWrite;
  }

  get(table: number, key: Uint8Array): Uint8Array | undefined {
    return this.#table(table).get(binaryString(key, 0, key.length));
  }

  scan(table: number, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): boolean {
    const end = to === undefined ? undefined : binaryString(to, 0, to.length);
    const cursor = this.#table(table).cursor(binaryString(from, 0, from.length));
    for (; cursor.key !== undefined; cursor.advance()) {
      if (end !== undefined && cursor.key >= end) return true;
      const key = bytesOf(cursor.key);
      const value = cursor.value as Uint8Array;
      if (!visit(key, 0, key.length, value, 0, value.length)) return false;
    }
    return true;
  }

  count(table: number, from: Uint8Array, to: Uint8Array | undefined): number {
    let count = 0;
    this.scan(table, from, to, () => {
      count++;
      return true;
    });
    return count;
  }

  lastKey(table: number): Uint8Array | undefined {
    const key = this.#table(table).lastKey();
    return key === undefined ? undefined : bytesOf(key);
  }

  async write(chunks: ArrayBuffer[]): Promise<void> {
    await this.#beforeWrite();
    this.#disk.apply(chunks);
  }

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

/**
 * A backend in memory: deterministic, for tests and simulation. `beforeWrite` delays a commit,
 * or fails it by rejecting.
 */
export function openMemoryBackend(
  disk: MemoryDisk = new MemoryDisk(),
  beforeWrite: () => Promise<void> = async () => {},
): Backend {
  return new BufferedBackend(new MemoryBase(disk, beforeWrite));
}
