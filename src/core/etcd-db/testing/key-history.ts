// SPDX-License-Identifier: Apache-2.0
//
// A key space as a list of rows, what etcd computes from it said as plainly as possible, and the
// database file with these rows.

import { KeyValue } from "../../../api/gen/mvccpb.ts";
import { crc32c } from "../../../base/crc32c.ts";
import { MemoryFile } from "../../bolt/testing/memory-file.ts";
import { META_KEYS, revisionKey, writeDatabase } from "../index.ts";

export interface HistoryRow {
  readonly main: number;
  readonly sub: number;
  readonly key: string;
  /** Undefined for a deletion. */
  readonly value: string | undefined;
}

/** What one request does: keys to put, or to delete where there is no value. */
export type Change = readonly (readonly [key: string, value: string | undefined])[];

const utf8 = new TextEncoder();

export class KeyHistory {
  rows: HistoryRow[] = [];
  current = 1;
  compact = -1;

  /** Deleting what is not there leaves no row, and a request without rows takes no revision. */
  change(change: Change): void {
    const main = this.current + 1;
    const rows: HistoryRow[] = [];
    const seen = new Set<string>();
    for (const [key, value] of change) {
      if (seen.has(key) || (value === undefined && !this.live(this.current).has(key))) continue;
      seen.add(key);
      rows.push({ main, sub: rows.length, key, value });
    }
    if (rows.length > 0) this.current = main;
    this.rows.push(...rows);
  }

  /** The row that each existing key has at a revision. */
  live(revision: number): Map<string, HistoryRow> {
    const live = new Map<string, HistoryRow>();
    for (const row of this.rows) {
      if (row.main > revision) continue;
      if (row.value === undefined) live.delete(row.key);
      else live.set(row.key, row);
    }
    return live;
  }

  hashKv(revision: number): number {
    const live = this.live(revision);
    const keep = new Set((live.size > 0 ? live : this.live(this.compact)).values());
    let hash = crc32c(utf8.encode("key"));
    for (const row of this.rows) {
      if (row.main > revision) continue;
      if (row.main <= this.compact && !keep.has(row)) continue;
      if (row.main === this.compact && row.value === undefined) continue;
      hash = crc32c(rowValue(row), crc32c(rowKey(row), hash));
    }
    return hash;
  }

  /** Removes what the compaction has made unreachable. */
  finishCompaction(): void {
    const keep = new Set(this.live(this.compact).values());
    this.rows = this.rows.filter(
      (row) => row.main > this.compact || keep.has(row) || isLastTombstone(row, this.compact),
    );
  }

  file(options: { readonly isFinished: boolean }): MemoryFile {
    const file = new MemoryFile();
    writeDatabase(file, (writer) => {
      writer.openBucket("key");
      for (const row of this.rows) writer.put(rowKey(row), rowValue(row));
      writer.openBucket("meta");
      const compacted = revisionKey(Math.max(this.compact, 0), 0);
      if (this.compact >= 0 && options.isFinished) {
        writer.put(META_KEYS.finishedCompactRevision, compacted);
      }
      if (this.compact >= 0) writer.put(META_KEYS.scheduledCompactRevision, compacted);
      writer.put(META_KEYS.storageVersion, utf8.encode("3.7.0"));
    });
    return file;
  }
}

function isLastTombstone(row: HistoryRow, compact: number): boolean {
  return row.main === compact && row.value === undefined;
}

function rowKey(row: HistoryRow): Uint8Array {
  const key = revisionKey(row.main, row.sub);
  return row.value === undefined ? Uint8Array.of(...key, 0x74) : key;
}

function rowValue(row: HistoryRow): Uint8Array {
  const key = utf8.encode(row.key);
  if (row.value === undefined) return KeyValue.encode({ key });
  const { main } = row;
  const value = utf8.encode(row.value);
  return KeyValue.encode({ key, createRevision: main, modRevision: main, version: 1, value });
}
