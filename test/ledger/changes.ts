// SPDX-License-Identifier: Apache-2.0
// The store as it was read after a restart, and its history replayed revision by revision.

/** A key-value pair as the store holds it at one revision. */
export interface Stored {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly lease: bigint;
}

/** What a read at one revision found. */
export interface RevisionView {
  /** The pairs last modified at it. */
  readonly writes: readonly Stored[];
  /** All keys as of then; read where nothing was written, which makes it a delete. */
  readonly keys: readonly string[] | undefined;
  /** How many keys there were. */
  readonly count: number;
}

export interface LeaseView {
  readonly id: bigint;
  readonly grantedTtlSeconds: number;
  readonly keys: readonly string[];
}

/** The store after a restart. */
export interface StoreView {
  readonly currentRevision: number;
  /** By revision, from 2 on. */
  readonly revisions: ReadonlyMap<number, RevisionView>;
  /** The pairs at `currentRevision`. */
  readonly latest: readonly Stored[];
  readonly leases: readonly LeaseView[];
  /** Leases that end by themselves were waited for. */
  readonly isSettled: boolean;
}

/** One revision: what it put, what it deleted, and all pairs behind it. */
export interface Change {
  readonly revision: number;
  readonly puts: readonly Stored[];
  /** The pairs as they were before, by key. */
  readonly deleted: readonly Stored[];
  /** Valid until the next change only. */
  readonly pairs: ReadonlyMap<string, Stored>;
}

function byKey(a: Stored, b: Stored): number {
  return a.key < b.key ? -1 : 1;
}

/** The changes of the store in order of their revisions. */
export function* replay(store: StoreView): Generator<Change> {
  const pairs = new Map<string, Stored>();
  for (let revision = 2; revision <= store.currentRevision; revision += 1) {
    const { writes = [], keys } = store.revisions.get(revision) ?? {};
    for (const pair of writes) pairs.set(pair.key, pair);
    const left = new Set(keys ?? pairs.keys());
    const deleted = [...pairs.values()].filter(({ key }) => !left.has(key)).sort(byKey);
    for (const { key } of deleted) pairs.delete(key);
    yield { revision, puts: writes, deleted, pairs };
  }
}
