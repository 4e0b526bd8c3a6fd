// SPDX-License-Identifier: Apache-2.0
/**
 * The multi-version key space: every change of a key is a row of the table `key` under its
 * revision, byte for byte as etcd stores it, and stays readable until a compaction.
 *
 * A revision is (main, sub): main counts the requests that changed something, from 2 on, sub the
 * changes within one. A delete is a row of its own, a tombstone.
 *
 * The key index lies in the backend, not in memory, so opening a store looks at one row, however
 * many there are:
 *   - `head`: per existing key its newest revision, with the pair itself when it is small
 *     (`INLINE_BYTES_MAX`), in key order: a read of current keys is one walk through it;
 *   - `grave`: the same for keys whose newest revision is a tombstone not yet compacted away;
 *   - behind each row of `key` a trailer that names the row it superseded, and one further back
 *     (format in `head.ts`). It leads reads of the past to their row, and a compaction to exactly
 *     the rows that it has to remove.
 * A third table, `leaseKeys`, finds the keys of a lease. Keys may have any length; see `KeyTable`.
 *
 * Invariants: a row above the compact revision is never removed; at or below it, the newest row
 * of each key stays if it is a pair. Head and rows of a change are written together, within one
 * entry, so a crash leaves either both or none. Everything is synchronous and deterministic: same
 * entries, same rows.
 *
 * Reads of many keys are made in pieces (`RangeReader`, `RangeCounts`), so that nobody has to wait
 * for them. At most `RANGE_COUNTS_MAX` counts are under way or kept.
 *
 * Left to others: checks of requests, leases and permissions (`core/apply`), watching
 * (`core/mvcc/watch`), and when to run `compactStep` and the steps of a hash (the shell).
 */
export type { StoredEvent } from "./event.ts";
export type { HashJob, StoredHash } from "./hash.ts";
export { Head } from "./head.ts";
export type { HistorySlice } from "./history.ts";
export { type ImportTarget, KeyRowImporter } from "./import.ts";
export type { PairSink, SliceBudget } from "./key-index.ts";
export { DIRECT_KEY_BYTES_MAX } from "./key-table.ts";
export { KvView } from "./kv-view.ts";
export { RANGE_COUNTS_MAX, type RangeCount } from "./range-counts.ts";
export { RangeReader } from "./range-reader.ts";
export { INLINE_BYTES_MAX } from "./row-writer.ts";
export {
  type MvccCounters,
  type MvccOptions,
  MvccStore,
  type RangeOptions,
  type StoreRange,
  WriteTxn,
} from "./store.ts";
