// SPDX-License-Identifier: Apache-2.0
// What the ledger checks, as a pure function of what writers saw and what the store says.

/** A put as its writer saw it. Values are unique, so a value names its put. */
export interface Attempt {
  readonly key: string;
  readonly value: string;
  /** Place in the one order of all starts and ends that the writers noted. */
  readonly startedAt: number;
  /** Undefined when no answer came. */
  readonly acknowledged: Acknowledgement | undefined;
}

export interface Acknowledgement {
  readonly revision: number;
  readonly endedAt: number;
}

/** A key-value pair as the store holds it at one revision. */
export interface Stored {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

/** The store after a restart: what each revision wrote, and what is there now. */
export interface StoreView {
  readonly currentRevision: number;
  /** The pairs written at each revision from 2 on. */
  readonly writes: ReadonlyMap<number, readonly Stored[]>;
  readonly latest: readonly Stored[];
}

/** Every violation in one sentence; none when the store kept its promises. */
export function checkHistory(attempts: readonly Attempt[], store: StoreView): string[] {
  return [
    ...checkRevisions(store),
    ...checkOrigins(attempts, store),
    ...checkVersions(store),
    ...checkAcknowledged(attempts, store),
    ...checkRealTime(attempts),
    ...checkLatest(store),
  ];
}

/** Each revision wrote exactly one pair, as the writers send nothing but single puts. */
function checkRevisions(store: StoreView): string[] {
  const violations: string[] = [];
  for (let revision = 2; revision <= store.currentRevision; revision += 1) {
    const count = store.writes.get(revision)?.length ?? 0;
    if (count !== 1) violations.push(`revision ${revision} wrote ${count} pairs instead of one`);
  }
  for (const [revision, pairs] of store.writes) {
    const strays = pairs.filter((pair) => pair.modRevision !== revision);
    for (const pair of strays) {
      violations.push(`${pair.value} claims revision ${pair.modRevision}, found at ${revision}`);
    }
    if (revision > store.currentRevision) violations.push(`revision ${revision} is in the future`);
  }
  return violations;
}

/** Every stored value comes from one attempt on the same key, and is stored at most once. */
function checkOrigins(attempts: readonly Attempt[], store: StoreView): string[] {
  const violations: string[] = [];
  const keyOf = new Map(attempts.map((attempt) => [attempt.value, attempt.key]));
  const seenAt = new Map<string, number>();
  for (const pair of inOrder(store)) {
    const { key, value, modRevision } = pair;
    const origin = keyOf.get(value);
    if (origin === undefined) violations.push(`${value} at ${modRevision} was never sent`);
    else if (origin !== key)
      violations.push(`${value} was sent for ${origin}, stored under ${key}`);
    const first = seenAt.get(value);
    if (first !== undefined) violations.push(`${value} was applied at ${first} and ${modRevision}`);
    else seenAt.set(value, modRevision);
  }
  return violations;
}

/** The versions of a key count up from one, under one create revision: nothing is deleted. */
function checkVersions(store: StoreView): string[] {
  const violations: string[] = [];
  const last = new Map<string, Stored>();
  for (const pair of inOrder(store)) {
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
  return violations;
}

/** Every acknowledged put is stored at the revision that the answer named. */
function checkAcknowledged(attempts: readonly Attempt[], store: StoreView): string[] {
  const violations: string[] = [];
  const ownerOf = new Map<number, string>();
  for (const { key, value, acknowledged } of attempts) {
    if (acknowledged === undefined) continue;
    const { revision } = acknowledged;
    const owner = ownerOf.get(revision);
    if (owner !== undefined) {
      violations.push(`revision ${revision} was acknowledged to ${owner} and ${value}`);
    }
    ownerOf.set(revision, value);
    const pairs = store.writes.get(revision) ?? [];
    if (!pairs.some((pair) => pair.key === key && pair.value === value)) {
      violations.push(`${value} was acknowledged at ${revision} and is not there`);
    }
  }
  return violations;
}

/** A put that started after another one was acknowledged has a larger revision. */
function checkRealTime(attempts: readonly Attempt[]): string[] {
  const violations: string[] = [];
  const ends: Acknowledgement[] = [];
  for (const { acknowledged } of attempts) if (acknowledged !== undefined) ends.push(acknowledged);
  ends.sort((a, b) => a.endedAt - b.endedAt);
  let next = 0;
  let revisionMax = 0;
  for (const attempt of attempts.toSorted((a, b) => a.startedAt - b.startedAt)) {
    for (let end = ends[next]; end !== undefined && end.endedAt < attempt.startedAt; ) {
      revisionMax = Math.max(revisionMax, end.revision);
      next += 1;
      end = ends[next];
    }
    const revision = attempt.acknowledged?.revision;
    if (revision !== undefined && revision <= revisionMax) {
      violations.push(`${attempt.value} got ${revision} after ${revisionMax} was acknowledged`);
    }
  }
  return violations;
}

/** What is there now is the last write of each key. */
function checkLatest(store: StoreView): string[] {
  const last = new Map<string, Stored>();
  for (const pair of inOrder(store)) last.set(pair.key, pair);
  const violations: string[] = [];
  for (const pair of store.latest) {
    const due = last.get(pair.key);
    last.delete(pair.key);
    if (due === undefined || due.value !== pair.value || due.modRevision !== pair.modRevision) {
      violations.push(`${pair.key} is now ${pair.value}, its last write was ${due?.value}`);
    }
  }
  for (const key of last.keys()) violations.push(`${key} was written and is gone`);
  return violations;
}

function inOrder(store: StoreView): Stored[] {
  const revisions = [...store.writes.keys()].sort((a, b) => a - b);
  return revisions.flatMap((revision) => store.writes.get(revision) ?? []);
}
