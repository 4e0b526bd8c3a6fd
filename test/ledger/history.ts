// SPDX-License-Identifier: Apache-2.0
// What the ledger checks, as pure functions of what clients saw and what the store says.

import { type Change, replay, type Stored, type StoreView } from "./changes.ts";
import { checkDeletes } from "./delete-rules.ts";
import { checkLeases } from "./lease-rules.ts";
import { type Acknowledgement, type Attempt, acknowledgement, ofKind } from "./operations.ts";
import { checkWatcher, type WatchRecord } from "./watch-rules.ts";

/** Every violation in one sentence; none when the store kept its promises. */
export function checkHistory(
  attempts: readonly Attempt[],
  store: StoreView,
  watchers: readonly WatchRecord[] = [],
): string[] {
  return [
    ...checkRevisions(store),
    ...checkOrigins(attempts, store),
    ...checkVersions(store),
    ...checkAcknowledgedPuts(attempts, store),
    ...checkDeletes(attempts, store),
    ...checkLeases(attempts, store),
    ...checkRealTime(attempts),
    ...checkLatest(store),
    ...watchers.flatMap((watcher) => checkWatcher(watcher, store)),
  ];
}

/** Each revision wrote exactly one pair or deleted, as nobody sends transactions. */
function checkRevisions(store: StoreView): string[] {
  const violations: string[] = [];
  for (const { revision, puts, deleted, pairs } of replay(store)) {
    const isDelete = puts.length === 0 && deleted.length > 0;
    if (!isDelete && puts.length !== 1) {
      violations.push(`revision ${revision} wrote ${puts.length} pairs instead of one`);
    }
    const count = store.revisions.get(revision)?.count;
    if (count !== pairs.size) {
      violations.push(`revision ${revision} counts ${count} keys, due were ${pairs.size}`);
    }
    for (const { value, modRevision } of puts) {
      if (modRevision === revision) continue;
      violations.push(`${value} claims revision ${modRevision}, found at ${revision}`);
    }
  }
  for (const revision of store.revisions.keys()) {
    if (revision > store.currentRevision) violations.push(`revision ${revision} is in the future`);
  }
  return violations;
}

/** Every stored pair comes from one put that was not refused, and is stored at most once. */
function checkOrigins(attempts: readonly Attempt[], store: StoreView): string[] {
  const violations: string[] = [];
  const origins = new Map(ofKind(attempts, "put").map((put) => [put.value, put]));
  const seenAt = new Map<string, number>();
  for (const { key, value, lease, modRevision } of written(store)) {
    const origin = origins.get(value);
    if (origin === undefined) violations.push(`${value} at ${modRevision} was never sent`);
    else if (origin.key !== key) {
      violations.push(`${value} was sent for ${origin.key}, stored under ${key}`);
    } else if (origin.lease !== lease) {
      violations.push(`${value} was sent with lease ${origin.lease}, stored with ${lease}`);
    } else if (origin.outcome === "refused") {
      violations.push(`${value} was refused and is stored at ${modRevision}`);
    }
    const first = seenAt.get(value);
    if (first !== undefined) violations.push(`${value} was applied at ${first} and ${modRevision}`);
    else seenAt.set(value, modRevision);
  }
  return violations;
}

/** The versions of a key count up from one under one create revision, until it is deleted. */
function checkVersions(store: StoreView): string[] {
  const violations: string[] = [];
  const last = new Map<string, Stored>();
  for (const { puts, deleted } of replay(store)) {
    for (const pair of puts) {
      const before = last.get(pair.key);
      const version = (before?.version ?? 0) + 1;
      const created = before?.createRevision ?? pair.modRevision;
      if (pair.version !== version || pair.createRevision !== created) {
        violations.push(
          `${pair.key} at ${pair.modRevision} has version ${pair.version} since ` +
            `${pair.createRevision}, due were ${version} and ${created}`,
        );
      }
      last.set(pair.key, pair);
    }
    for (const { key } of deleted) last.delete(key);
  }
  return violations;
}

/** Every acknowledged put is stored at the revision that the answer named. */
function checkAcknowledgedPuts(attempts: readonly Attempt[], store: StoreView): string[] {
  const violations: string[] = [];
  const ownerOf = new Map<number, string>();
  for (const put of ofKind(attempts, "put")) {
    const { key, value } = put;
    const revision = acknowledgement(put)?.revision;
    if (revision === undefined) continue;
    const owner = ownerOf.get(revision);
    if (owner !== undefined) {
      violations.push(`revision ${revision} was acknowledged to ${owner} and ${value}`);
    }
    ownerOf.set(revision, value);
    const pairs = store.revisions.get(revision)?.writes ?? [];
    if (!pairs.some((pair) => pair.key === key && pair.value === value)) {
      violations.push(`${value} was acknowledged at ${revision} and is not there`);
    }
  }
  return violations;
}

/** The revision that a request made; undefined when it made none or nobody knows. */
function revisionMade(attempt: Attempt): number | undefined {
  const answer = acknowledgement(attempt);
  const isWrite = attempt.kind === "put" || (answer?.deleted ?? 0) > 0;
  return isWrite ? answer?.revision : undefined;
}

/** A write that started after an answer came has a larger revision than that answer. */
function checkRealTime(attempts: readonly Attempt[]): string[] {
  const violations: string[] = [];
  const ends: Acknowledgement[] = [];
  for (const attempt of attempts) {
    const answer = acknowledgement(attempt);
    if (answer !== undefined) ends.push(answer);
  }
  ends.sort((a, b) => a.endedAt - b.endedAt);
  let next = 0;
  let revisionMax = 0;
  for (const attempt of attempts.toSorted((a, b) => a.startedAt - b.startedAt)) {
    for (let end = ends[next]; end !== undefined && end.endedAt < attempt.startedAt; ) {
      revisionMax = Math.max(revisionMax, end.revision);
      next += 1;
      end = ends[next];
    }
    const revision = revisionMade(attempt);
    if (revision === undefined || revision > revisionMax) continue;
    const name = attempt.kind === "put" ? attempt.value : attempt.kind;
    violations.push(`${name} got ${revision} after ${revisionMax} was acknowledged`);
  }
  return violations;
}

/** What is there now is the last write of each key that was not deleted since. */
function checkLatest(store: StoreView): string[] {
  const violations: string[] = [];
  let last: Change | undefined;
  for (const change of replay(store)) last = change;
  const due = new Map(last?.pairs);
  for (const { key, value, modRevision } of store.latest) {
    const pair = due.get(key);
    due.delete(key);
    if (pair?.value !== value || pair.modRevision !== modRevision) {
      violations.push(`${key} is now ${value}, its last write was ${pair?.value}`);
    }
  }
  for (const key of due.keys()) violations.push(`${key} was written and is gone`);
  return violations;
}

function written(store: StoreView): Stored[] {
  return [...replay(store)].flatMap(({ puts }) => puts);
}
