// SPDX-License-Identifier: Apache-2.0

import { replay, type Stored, type StoreView } from "./changes.ts";

/** One event as a watcher got it. */
export interface SeenEvent {
  readonly revision: number;
  /** What `describePut` or `describeDelete` makes of it. */
  readonly text: string;
}

/** All that a watcher got over all its connections, in order of arrival. */
export interface WatchRecord {
  readonly name: string;
  /** Whether it watches the key. */
  readonly covers: (key: string) => boolean;
  readonly events: readonly SeenEvent[];
}

export function describePut(pair: Stored): string {
  const { key, value, createRevision, modRevision, version, lease } = pair;
  return `put ${key}=${value} at ${modRevision}, version ${version} since ${createRevision}, lease ${lease}`;
}

export function describeDelete(key: string, revision: number): string {
  return `delete ${key} at ${revision}`;
}

/** The watcher saw every event of its range up to the store's revision once, in order. */
export function checkWatcher(watcher: WatchRecord, store: StoreView): string[] {
  const due: string[] = [];
  for (const { revision, puts, deleted } of replay(store)) {
    for (const pair of puts) if (watcher.covers(pair.key)) due.push(describePut(pair));
    for (const { key } of deleted) {
      if (watcher.covers(key)) due.push(describeDelete(key, revision));
    }
  }
  const seen = watcher.events.filter(({ revision }) => revision <= store.currentRevision);
  const length = Math.max(due.length, seen.length);
  for (let index = 0; index < length; index += 1) {
    const got = seen[index]?.text;
    if (got === due[index]) continue;
    return [`${watcher.name} saw ${got ?? "nothing"}, due was ${due[index] ?? "nothing"}`];
  }
  return [];
}
