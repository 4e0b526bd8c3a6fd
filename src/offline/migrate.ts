// SPDX-License-Identifier: Apache-2.0
//
// Changes the storage version of a stopped member, with etcd's checks: a version that some entry
// of the log needs is not gone below, and no version is skipped that this program does not know.

import { join } from "node:path";
import type { Disk } from "../base/contracts/disk.ts";
import { errorText } from "../base/error-text.ts";
import { invariant } from "../base/invariant.ts";
import { leastVersion } from "../core/apply/index.ts";
import {
  etcdValue,
  FIRST_WITH_KEY,
  fullText,
  isBelow,
  isSame,
  LmdbFile,
  OLDEST,
  openLmdbBackend,
  parseStored,
  planMigration,
  type StorageVersion,
  shortText,
  storedForm,
} from "../core/backend/index.ts";
import { BoltReader } from "../core/bolt/index.ts";
import { editDatabase, META_KEYS } from "../core/etcd-db/index.ts";
import { EntryType } from "../core/raft/index.ts";
import { lastValidSnapshot, listSegments, readLog } from "../core/wal/index.ts";
import { OfflineError } from "./errors.ts";
import { requireSoundStore } from "./sound-store.ts";
import { type MemberRequest, type StoppedMember, withStoppedMember } from "./stopped-member.ts";

export { fullText, isBelow, OLDEST, type StorageVersion, shortText };

export interface MigrateRequest extends MemberRequest {
  readonly target: StorageVersion;
  /** Sets the version although the checks have failed. */
  readonly isForced: boolean;
}

/** What the migration tells on its way. */
export type MigrateNote =
  | { readonly kind: "up-to-date"; readonly version: StorageVersion }
  | { readonly kind: "undetected" }
  | { readonly kind: "unreadable-log"; readonly problem: string }
  | { readonly kind: "other-major"; readonly from: StorageVersion; readonly to: StorageVersion }
  | { readonly kind: "updated"; readonly version: StorageVersion }
  | { readonly kind: "forcing"; readonly problem: string }
  /** Without a version: the key was removed. */
  | { readonly kind: "forced"; readonly version: StorageVersion | undefined };

type Tell = (note: MigrateNote) => void;

/** Reads and writes rows of `meta`. */
interface MetaRows {
  get(key: Uint8Array): Uint8Array | undefined;
  /** Durable when it resolves; without a value the key goes. */
  set(key: Uint8Array, value: Uint8Array | undefined): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with an `OfflineError` when the version may not be changed or cannot be. */
export async function migrateMember(disk: Disk, request: MigrateRequest, tell: Tell) {
  await withStoppedMember(disk, request, async (member) => {
    const meta = member.kind === "go" ? databaseMeta(disk, member) : storeMeta(disk, member);
    try {
      await migrate(disk, member, meta, request, tell);
    } finally {
      await meta.close();
    }
  });
}

async function migrate(
  disk: Disk,
  member: StoppedMember,
  meta: MetaRows,
  { dataDir, target, isForced }: MigrateRequest,
  tell: Tell,
): Promise<void> {
  const current = detect(meta, tell);
  if (isSame(current, target)) return tell({ kind: "up-to-date", version: current });
  const least = readLeastVersion(disk, member, dataDir, tell);
  try {
    const steps = checkedSteps(current, target, least, tell);
    if (steps.length > 0) await store(meta, target);
    for (const version of steps) tell({ kind: "updated", version });
  } catch (cause) {
    if (!isForced || !(cause instanceof OfflineError)) throw cause;
    tell({ kind: "forcing", problem: cause.message });
    await store(meta, target);
    tell({ kind: "forced", version: isBelow(target, FIRST_WITH_KEY) ? undefined : target });
  }
}

function detect(meta: MetaRows, tell: Tell): StorageVersion {
  const stored = parseStored(meta.get(META_KEYS.storageVersion));
  if (stored !== undefined) return stored;
  if (meta.get(META_KEYS.term) !== undefined) return OLDEST;
  tell({ kind: "undetected" });
  throw new OfflineError("missing term information");
}

function checkedSteps(
  from: StorageVersion,
  to: StorageVersion,
  least: StorageVersion,
  tell: Tell,
): readonly StorageVersion[] {
  const plan = planMigration(from, to, () => least);
  if (plan.kind === "steps") return plan.steps;
  if (plan.isOtherMajor) tell({ kind: "other-major", from, to });
  throw new OfflineError(plan.problem);
}

function store(meta: MetaRows, version: StorageVersion): Promise<void> {
  return meta.set(META_KEYS.storageVersion, storedForm(version));
}

/** The oldest etcd that understands all entries since the newest snapshot that the log knows. */
function readLeastVersion(
  disk: Disk,
  { paths }: StoppedMember,
  dataDir: string,
  tell: Tell,
): StorageVersion {
  try {
    const directory = join(dataDir, "member", "wal");
    if (disk.stat(paths.wal) === undefined) {
      const problem = `open ${directory}: no such file or directory`;
      throw new Error(`[readWALNames] fileutil.ReadDir failed: ${problem}`);
    }
    if (listSegments(disk, paths.wal).length === 0) throw new Error("wal: file not found");
    const start = lastValidSnapshot(disk, paths.wal) ?? { index: 0, term: 0 };
    const { entries } = readLog(disk, paths.wal, start);
    return leastVersion(
      entries.filter(({ type }) => type === EntryType.normal).map(({ data }) => data),
    );
  } catch (cause) {
    // The spelling of this word is etcd's.
    const problem = `failed to get the lastest snapshot: ${errorText(cause)}`;
    tell({ kind: "unreadable-log", problem });
    throw new OfflineError(problem, { cause });
  }
}

function databaseMeta(disk: Disk, { paths }: StoppedMember): MetaRows {
  const file = disk.open(paths.goDatabase, "write");
  try {
    const reader = new BoltReader(file);
    let isChanged = false;
    return {
      get: (key) => reader.bucket("meta")?.get(key),
      set: async (key, value) => {
        invariant(!isChanged, "the reader shows the state before a change");
        isChanged = true;
        editDatabase(reader, file, new Map([["meta", { puts: [{ key, value }] }]]));
      },
      close: async () => file.close(),
    };
  } catch (cause) {
    file.close();
    throw cause;
  }
}

/** The file is read as bytes: LMDB writes when it opens one, also for a change that is refused. */
function storeMeta(disk: Disk, { paths }: StoppedMember): MetaRows {
  requireSoundStore(disk, paths.storeFile);
  const file = disk.open(paths.storeFile, "read");
  const lmdb = new LmdbFile(file);
  return {
    get: (key) => {
      const row = lmdb.get("meta", key);
      return row === undefined ? undefined : etcdValue("meta", row);
    },
    set: async (key, value) => {
      const backend = await openLmdbBackend(paths.store);
      try {
        if (value === undefined) backend.delete("meta", key);
        else backend.put("meta", key, value);
        await backend.commit();
      } finally {
        await backend.close();
      }
    },
    close: async () => file.close(),
  };
}
