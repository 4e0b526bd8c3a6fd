// SPDX-License-Identifier: Apache-2.0

import type { Boundary } from "./backend.ts";
import type { Table } from "./tables.ts";

const utf8 = new TextEncoder();
export const CONSISTENT_INDEX_KEY = utf8.encode("consistent_index");
export const TERM_KEY = utf8.encode("term");
export const INDEX_REVISION_KEY = utf8.encode("revision");

/** A row in which a store says how far it has come. */
export interface StateRow {
  readonly table: Table;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The rows that tell the boundary; a term of 0 is not told, as members of 3.4 have none. */
export function boundaryRows({ consistentIndex, term }: Boundary): readonly StateRow[] {
  const index = {
    table: "meta",
    key: CONSISTENT_INDEX_KEY,
    value: bigEndian(consistentIndex),
  } as const;
  return term === 0 ? [index] : [index, { table: "meta", key: TERM_KEY, value: bigEndian(term) }];
}

/** The row that tells the last revision in the index. */
export function indexRevisionRow(revision: number): StateRow {
  return { table: "indexState", key: INDEX_REVISION_KEY, value: bigEndian(revision) };
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
