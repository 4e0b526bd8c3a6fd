// SPDX-License-Identifier: Apache-2.0
//
// The storage version: which etcd a member's data is written for. It stands in `meta` from 3.6 on;
// data without it counts as that of 3.5. Nothing but the version itself differs between 3.5, 3.6
// and 3.7, so a migration is a matter of whether it may be changed. Every member has its own: it
// follows the version of the cluster, and no hash covers it.

import type { Backend } from "./backend.ts";

export interface StorageVersion {
  readonly major: number;
  readonly minor: number;
  /** Of no account, but for saying whether data is at a version already; 0 when absent. */
  readonly patch?: number;
}

export const FIRST_WITH_KEY: StorageVersion = { major: 3, minor: 6 };
export const OLDEST: StorageVersion = { major: 3, minor: 5 };
const NEWEST: StorageVersion = { major: 3, minor: 7 };

const STORAGE_VERSION_KEY = new TextEncoder().encode("storageVersion");

/** `3.6` */
export function shortText({ major, minor }: StorageVersion): string {
  return `${major}.${minor}`;
}

/** `3.6.0`, as it is stored; what is migrated to has no patch. */
export function fullText(version: StorageVersion): string {
  return `${shortText(version)}.0`;
}

/** The same with its patch. */
export function wholeText(version: StorageVersion): string {
  return `${shortText(version)}.${version.patch ?? 0}`;
}

export function isBelow(a: StorageVersion, b: StorageVersion): boolean {
  return a.major < b.major || (a.major === b.major && a.minor < b.minor);
}

export function isSame(a: StorageVersion, b: StorageVersion): boolean {
  return a.major === b.major && a.minor === b.minor && (a.patch ?? 0) === (b.patch ?? 0);
}

/** The version that `meta` holds; undefined when it is no version. */
export function parseStored(value: Uint8Array | undefined): StorageVersion | undefined {
  const text = value === undefined ? "" : new TextDecoder().decode(value);
  const [, ...parts] = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/.exec(text) ?? [];
  const [major, minor, patch] = parts.map(Number);
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return { major, minor, patch };
}

/** What etcd takes for the version of a store; undefined for one in which nothing was applied. */
export function storageVersionOf(backend: Backend): StorageVersion | undefined {
  const stored = parseStored(backend.get("meta", STORAGE_VERSION_KEY));
  return stored ?? (backend.boundary.term === 0 ? undefined : OLDEST);
}

/** What `meta` holds for a version; undefined when that is no key at all. */
export function storedForm(version: StorageVersion): Uint8Array | undefined {
  return isBelow(version, FIRST_WITH_KEY) ? undefined : new TextEncoder().encode(fullText(version));
}

/** Writes the version into `meta`, or takes it out; the next commit brings it to disk. */
export function putStorageVersion(backend: Backend, version: StorageVersion): void {
  const value = storedForm(version);
  if (value === undefined) backend.delete("meta", STORAGE_VERSION_KEY);
  else backend.put("meta", STORAGE_VERSION_KEY, value);
}

export type MigrationPlan =
  /** The versions on the way, the target last. */
  | { readonly kind: "steps"; readonly steps: readonly StorageVersion[] }
  /** Why not, in etcd's words. */
  | { readonly kind: "refused"; readonly problem: string; readonly isOtherMajor: boolean };

/**
 * How to get from one version to another, minor by minor. `least` is the oldest version that
 * understands what is in the log; it is asked for only where that counts.
 */
export function planMigration(
  from: StorageVersion,
  to: StorageVersion,
  least: () => StorageVersion,
): MigrationPlan {
  const refused = (problem: string): MigrationPlan => ({
    kind: "refused",
    problem,
    isOtherMajor: from.major !== to.major,
  });
  if (from.major !== to.major) {
    return refused("cannot create migration plan: changing major storage version is not supported");
  }
  const steps: StorageVersion[] = [];
  const { major } = from;
  for (let minor = from.minor; minor !== to.minor; ) {
    const isUp = minor < to.minor;
    // What a step needs to know is the later of its two versions.
    const version = { major, minor: isUp ? minor + 1 : minor };
    const problem = unknownVersion(version);
    if (problem !== undefined) return refused(`cannot create migration plan: ${problem}`);
    minor += isUp ? 1 : -1;
    steps.push({ major, minor });
  }
  const needed = isBelow(to, from) ? least() : to;
  if (!isBelow(to, needed)) return { kind: "steps", steps };
  return refused(
    "cannot downgrade storage, WAL contains newer entries, as the target version " +
      `(${fullText(to)}) is lower than the version (${fullText(needed)}) detected from WAL logs`,
  );
}

/** What is wrong with a version that this program knows no step to; undefined for others. */
function unknownVersion(version: StorageVersion): string | undefined {
  const isKnown = !isBelow(version, FIRST_WITH_KEY) && !isBelow(NEWEST, version);
  return isKnown ? undefined : `version ${JSON.stringify(fullText(version))} is not supported`;
}

/** Why a member must not start on a store of this version; undefined when it may. */
export function unsupportedVersion(version: StorageVersion): string | undefined {
  const next = { major: version.major, minor: version.minor + 1 };
  if (version.major === NEWEST.major && isSame(next, FIRST_WITH_KEY)) return undefined;
  return unknownVersion(version);
}
