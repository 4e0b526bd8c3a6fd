// SPDX-License-Identifier: Apache-2.0

import type { RowStore } from "../backend/index.ts";
import { KeyTable, type Writer } from "./key-table.ts";

const LEASE_BYTES = 8;
const TABLES = {
  direct: "leaseKeys",
  long: "leaseKeysLong",
  links: "leaseKeysLinks",
} as const;

/**
 * Which existing keys have been put with which lease: a row per such key, ordered by lease and
 * then by key. It is written with the rows of `key`, never behind them, so after a crash it says
 * what they say, and nothing has to be read to know it.
 */
export class LeaseKeys {
  readonly #backend: RowStore;
  readonly #table: KeyTable;

  constructor(backend: RowStore, partBytes?: number) {
    this.#backend = backend;
    this.#table = new KeyTable(backend, TABLES, partBytes);
  }

  /** A change of a key takes it from one lease to another; 0 is none. They are different. */
  move(key: Uint8Array, from: bigint, to: bigint, writer: Writer): void {
    if (from !== 0n) this.#table.delete(rowKey(from, key));
    if (to === 0n) return;
    const at = this.#table.beginPut(rowKey(to, key), key.length, writer);
    this.#backend.putBuffer.set(key, at);
    this.#table.endPut(at + key.length, "absent");
  }

  /** The keys of a lease in byte order, as copies. */
  of(lease: bigint): Uint8Array[] {
    const keys: Uint8Array[] = [];
    const from = rowKey(lease, new Uint8Array(0));
    // The last ID in this order is -1: nothing comes behind its keys.
    const to = lease === -1n ? undefined : rowKey(lease + 1n, new Uint8Array(0));
    this.#table.scan(from, to, (buffer, start, end) => {
      keys.push(Uint8Array.prototype.slice.call(buffer, start, end));
      return true;
    });
    return keys;
  }
}

function rowKey(lease: bigint, key: Uint8Array): Uint8Array {
  const row = new Uint8Array(LEASE_BYTES + key.length);
  new DataView(row.buffer).setBigUint64(0, BigInt.asUintN(64, lease));
  row.set(key, LEASE_BYTES);
  return row;
}
