// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../../../base/contracts/disk.ts";
import { BoltError, BoltReader } from "../../../core/bolt/index.ts";
import { META_KEYS } from "../../../core/etcd-db/index.ts";
import { DataDirError } from "../data-dir.ts";

/** What this program writes itself; a later version may mean things that it does not know. */
const STORAGE_MINOR_MAX = 7;

/** The database of a member of Go etcd, and what decides how to take it over. */
export interface GoDatabase {
  readonly reader: BoltReader;
  readonly path: string;
  /** The last entry whose effects it holds, and its term; 0 where members of 3.4 tell no term. */
  readonly consistentIndex: number;
  readonly term: number;
  /** Whether its bucket `members` counts: since 3.6, which says so by a storage version. */
  readonly hasMembership: boolean;
}

/** Opens the database; throws a `DataDirError` when it is damaged or of a later version. */
export function openGoDatabase(file: DiskFile): GoDatabase {
  const { path } = file;
  try {
    const reader = new BoltReader(file);
    const storageVersion = textOf(reader, "meta", META_KEYS.storageVersion);
    checkStorageVersion(path, storageVersion);
    return {
      reader,
      path,
      consistentIndex: numberOf(reader, META_KEYS.consistentIndex),
      term: numberOf(reader, META_KEYS.term),
      hasMembership: storageVersion !== undefined,
    };
  } catch (cause) {
    if (!(cause instanceof BoltError)) throw cause;
    throw damaged(path, cause);
  }
}

/** What a start says about a database that does not read. */
export function damaged(path: string, cause: Error): DataDirError {
  return new DataDirError(
    `the database ${path} is damaged (${cause.message}); restore the data directory from a ` +
      "snapshot, or replace this member",
    { cause },
  );
}

function checkStorageVersion(path: string, version: string | undefined): void {
  if (version === undefined) return;
  const [, minor] = /^3\.(\d+)\.\d+/.exec(version) ?? [];
  if (minor !== undefined && Number(minor) <= STORAGE_MINOR_MAX) return;
  throw new DataDirError(
    `the database ${path} has storage version ${JSON.stringify(version)}, this program knows ` +
      `versions up to 3.${STORAGE_MINOR_MAX}; start the etcd that wrote it, or downgrade it there`,
  );
}

function textOf(reader: BoltReader, bucket: string, key: Uint8Array): string | undefined {
  const value = reader.bucket(bucket)?.get(key);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

function numberOf(reader: BoltReader, key: Uint8Array): number {
  const value = reader.bucket("meta")?.get(key);
  if (value === undefined || value.length !== 8) return 0;
  return Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0));
}
