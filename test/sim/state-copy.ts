// SPDX-License-Identifier: Apache-2.0
// The state that travels with a snapshot: every row of etcd's tables, with the consistent index
// of that moment, and a checksum at the end.

import { crc32c } from "../../src/base/crc32c.ts";
import { invariant } from "../../src/base/invariant.ts";
import { WireReader } from "../../src/base/wire-reader.ts";
import { WireWriter } from "../../src/base/wire-writer.ts";
import {
  type Backend,
  ETCD_TABLES,
  type EtcdTable,
  type MemoryDisk,
  type MemoryOptions,
  openMemoryBackend,
} from "../../src/core/backend/index.ts";
import { KeyRowImporter } from "../../src/core/mvcc/index.ts";

const SUM_BYTES = 4;
/** Rows that the backend writes by itself, from its boundary. */
const BOUNDARY_ROWS: ReadonlySet<string> = new Set(["consistent_index", "term"]);

/** Copies what the backend shows now. */
export function copyState(backend: Backend): Uint8Array {
  const writer = new WireWriter(4096);
  const { consistentIndex, term } = backend.boundary;
  writer.number64(consistentIndex);
  writer.number64(term);
  for (const [number, table] of ETCD_TABLES.entries()) {
    backend.forEach(table, (key, value) => {
      writer.uint32(number);
      writer.bytes(key);
      writer.bytes(value);
    });
  }
  const rows = writer.copy();
  const copy = new Uint8Array(rows.length + SUM_BYTES);
  copy.set(rows);
  new DataView(copy.buffer).setUint32(rows.length, crc32c(rows));
  return copy;
}

/** Whether all of the copy is there. */
export function isWhole(copy: Uint8Array): boolean {
  if (copy.length < SUM_BYTES) return false;
  const end = copy.length - SUM_BYTES;
  const sum = new DataView(copy.buffer, copy.byteOffset).getUint32(end);
  return crc32c(copy.subarray(0, end)) === sum;
}

/** Where in the log a copy stands. */
export function placeOf(copy: Uint8Array): { readonly index: number; readonly term: number } {
  const reader = new WireReader(copy);
  return { index: reader.uint64Number(), term: reader.uint64Number() };
}

/** Writes the rows into an empty store; they are there for good once the backend commits. */
export function importState(
  copy: Uint8Array,
  disk: MemoryDisk,
  options: MemoryOptions = {},
): Backend {
  invariant(isWhole(copy), "a copy of the state that is not whole");
  const backend = openMemoryBackend(disk, options);
  const importer = new KeyRowImporter(backend);
  const reader = new WireReader(copy, 0, copy.length - SUM_BYTES);
  const index = reader.uint64Number();
  const term = reader.uint64Number();
  while (reader.position < reader.end) {
    const table: EtcdTable | undefined = ETCD_TABLES[reader.uint32()];
    invariant(table !== undefined, "a row of a table that does not exist");
    const key = reader.bytes();
    const value = reader.bytes();
    if (table === "key") importer.add(key, value);
    else if (table !== "meta" || !BOUNDARY_ROWS.has(new TextDecoder().decode(key))) {
      backend.put(table, key, value);
    }
  }
  backend.setConsistentIndex(index, term);
  return backend;
}
