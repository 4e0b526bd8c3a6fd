// SPDX-License-Identifier: Apache-2.0
//
// Between our store and etcd's database file, both ways. The rows are the same; what differs is
// the order on disk and what is ours alone: trailers behind the rows of `key`, and the key index.
//
// - `importRows` makes a store from a database. Revisions go into its file as they come; the key
//   index, whose rows come in no order, is sorted aside, in runs, and follows in the order of keys.
//   With a large database a thread of its own sorts, see `Sorter`.
// - `exportRows` writes a database from one committed state of a store.
// - `StoreExport` does that beside a running member: a thread of its own reads one committed state
//   of the store into a temporary file and hands its bytes over as they are asked for, so that
//   neither the loop nor the space of the store is held by a slow reader.
//
// Left to others: when to do so and what else belongs to a member (`server`, `offline`).

export { type ExportEdits, exportRows } from "./export-rows.ts";
export { type ImportOutside, importRows } from "./import-rows.ts";
export { type ExportChunk, StoreExport } from "./store-export.ts";
