// SPDX-License-Identifier: Apache-2.0

import type { BoltReader } from "../bolt/index.ts";
import { META_KEYS } from "./buckets.ts";
import { EtcdDbError } from "./errors.ts";
import { KeyRows } from "./key-rows.ts";
import { readRevisionKey } from "./revision-key.ts";

/** What a member that opens the database takes for its revisions. */
export interface DatabaseRevisions {
  /** The revision of the last change; 1 when there was none. */
  readonly current: number;
  /** The last compaction asked for; -1 for none. It counts although rows may still be there. */
  readonly compact: number;
}

function read(reader: BoltReader, key: Uint8Array): number {
  const bytes = reader.bucket("meta")?.get(key);
  if (bytes === undefined) return -1;
  const revision = { main: 0, sub: 0, isTombstone: false };
  if (readRevisionKey(bytes, 0, bytes.length, revision)) return revision.main;
  const name = new TextDecoder().decode(key);
  throw new EtcdDbError(reader.source.path, "meta", `${name} is no revision`);
}

export function readRevisions(reader: BoltReader): DatabaseRevisions {
  const finished = read(reader, META_KEYS.finishedCompactRevision);
  const scheduled = read(reader, META_KEYS.scheduledCompactRevision);
  const compact = Math.max(finished, scheduled);
  const rows = new KeyRows(reader);
  const last = rows.last() ? rows.main : 1;
  return { current: Math.max(last, compact, 1), compact };
}
