// SPDX-License-Identifier: Apache-2.0
/**
 * The live store: what the applied log has made of the state, as sorted tables of byte strings.
 *
 * Tables are etcd's buckets, with etcd's keys and values byte for byte (a row of `key` carries a
 * trailer of ours behind etcd's value, see `etcdValue`), and the key index of `core/mvcc`.
 *
 * Writes gather in a buffer in memory, in the order of application; reads are synchronous and
 * look through it. `commit`, which the shell calls on an interval or when `wantsCommit`, hands
 * everything up to the last entry boundary to the disk as one transaction, which also holds
 * `meta/consistent_index` and `meta/term` of that boundary. So whatever happens, the file holds
 * the effects of all entries up to an index and of none behind it. A commit that has resolved is
 * durable; the log may be released up to its boundary.
 *
 * The index tables go to disk behind the rows and less often (`INDEX_OPERATIONS`), since each of
 * their rows is written again with every change of its key; what a crash leaves out of them can be
 * made up from the rows, see `indexRevision`.
 *
 * Limits: `COMMIT_OPERATIONS`, `COMMIT_BYTES` and `COMMIT_INTERVAL_MS` say when the shell should
 * commit; at `BUFFER_BYTES_MAX` (`isFull`) it must stop applying until a commit has resolved.
 *
 * Two implementations pass the same tests: `openLmdbBackend`, whose writes are executed by a
 * thread of its own so that the main thread only copies bytes, and `openMemoryBackend`, whose
 * `MemoryDisk` stands for what survives a crash. Failures are `BackendError`s; after one, the
 * backend takes no more commits and the member must stop.
 */
export {
  type Backend,
  BackendError,
  type BackendOptions,
  type Boundary,
  BUFFER_BYTES_MAX,
  COMMIT_BYTES,
  COMMIT_INTERVAL_MS,
  COMMIT_OPERATIONS,
  DEFRAGMENT_SPARE_BYTES,
  DefragmentError,
  type Existence,
  INDEX_BYTES,
  INDEX_OPERATIONS,
  KEY_BYTES_MAX,
  LayoutError,
  type PinnedView,
  type RowStore,
  type RowVisitor,
  StoreSpaceError,
} from "./backend.ts";
export { createLmdbStore, openLmdbBackend } from "./lmdb-backend.ts";
export { LmdbFile } from "./lmdb-file.ts";
export * as lmdbFormat from "./lmdb-format.ts";
export { LmdbLoad } from "./lmdb-load.ts";
export { LmdbDamage } from "./lmdb-page.ts";
export type { LmdbTree } from "./lmdb-tree.ts";
export { openLmdbView } from "./lmdb-view.ts";
export { MemoryDisk, type MemoryOptions, openMemoryBackend } from "./memory.ts";
export { boundaryRows, indexRevisionRow } from "./state-rows.ts";
export {
  FIRST_WITH_KEY,
  fullText,
  isBelow,
  isSame,
  type MigrationPlan,
  OLDEST,
  parseStored,
  planMigration,
  putStorageVersion,
  type StorageVersion,
  shortText,
  storageVersionOf,
  storedForm,
  unsupportedVersion,
  wholeText,
} from "./storage-version.ts";
export {
  ETCD_TABLES,
  type EtcdTable,
  etcdValue,
  etcdValueEnd,
  TABLE_NUMBERS,
  TABLES,
  type Table,
} from "./tables.ts";
export { WholeHash } from "./whole-hash.ts";
