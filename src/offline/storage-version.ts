// SPDX-License-Identifier: Apache-2.0
//
// The storage version: which etcd a member's data is written for. It stands in `meta` from 3.6 on;
// data without it counts as that of 3.5. Nothing but the version itself differs between 3.5, 3.6
// and 3.7, so a migration is a matter of whether it may be changed.

export interface StorageVersion {
  readonly major: number;
  readonly minor: number;
  /** Of no account, but for saying whether data is at a version already; 0 when absent. */
  readonly patch?: number;
}

export const FIRST_WITH_KEY: StorageVersion = { major: 3, minor: 6 };
export const OLDEST: StorageVersion = { major: 3, minor: 5 };
const NEWEST: StorageVersion = { major: 3, minor: 7 };

/** `3.6` */
export function shortText({ major, minor }: StorageVersion): string {
  return `${major}.${minor}`;
}

/** `3.6.0`, as it is stored; what is migrated to has no patch. */
export function fullText(version: StorageVersion): string {
  return `${shortText(version)}.0`;
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

export type MigrationPlan =
  /** The versions on the way, the target last. */
  | { readonly kind: "steps"; readonly steps: readonly StorageVersion[] }
  | { readonly kind: "other-major" }
  | { readonly kind: "unknown"; readonly version: StorageVersion };

/** How to get from one version to another, minor by minor. */
export function planMigration(from: StorageVersion, to: StorageVersion): MigrationPlan {
  if (from.major !== to.major) return { kind: "other-major" };
  const steps: StorageVersion[] = [];
  const { major } = from;
  for (let minor = from.minor; minor !== to.minor; ) {
    const isUp = minor < to.minor;
    // What a step needs to know is the later of its two versions.
    const version = { major, minor: isUp ? minor + 1 : minor };
    if (isBelow(version, FIRST_WITH_KEY) || isBelow(NEWEST, version)) {
      return { kind: "unknown", version };
    }
    minor += isUp ? 1 : -1;
    steps.push({ major, minor });
  }
  return { kind: "steps", steps };
}
