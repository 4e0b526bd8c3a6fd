// SPDX-License-Identifier: Apache-2.0
//
// A twin of the key space for tests: one list of all rows, and every question answered by looking
// at all of them.

import { KeyValue } from "../../../api/gen/mvccpb.ts";
import { compareBytes, equalBytes } from "../../../base/bytes.ts";
import { crc32c } from "../../../base/crc32c.ts";
import { encodeRevision } from "../revision.ts";

export interface TwinRow {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  readonly key: Uint8Array;
  readonly createRevision: number;
  readonly version: number;
  readonly value: Uint8Array;
  readonly lease: bigint;
}

export interface TwinEvent {
  readonly kind: "put" | "delete";
  readonly key: string;
  readonly kv: string;
  readonly main: number;
  readonly sub: number;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

export function encodeRow(row: TwinRow): Uint8Array {
  if (row.tombstone) return KeyValue.encode({ key: row.key });
  const { key, createRevision, main: modRevision, version, value, lease } = row;
  return KeyValue.encode({ key, createRevision, modRevision, version, value, lease });
}

function eventOf(row: TwinRow): TwinEvent {
  const kv = row.tombstone
    ? KeyValue.encode({ key: row.key, modRevision: row.main })
    : encodeRow(row);
  const kind = row.tombstone ? "delete" : "put";
  return { kind, key: text(row.key), kv: text(kv), main: row.main, sub: row.sub };
}

export class Twin {
  rows: TwinRow[] = [];
  current = 1;
  compacted = -1;
  /** The rows of the change that is being made. */
  #change: TwinRow[] = [];

  clone(): Twin {
    const copy = new Twin();
    copy.rows = [...this.rows];
    copy.current = this.current;
    copy.compacted = this.compacted;
    return copy;
  }

  /** Every key's newest row at or below a revision. */
  latest(revision: number): TwinRow[] {
    const newest = new Map<string, TwinRow>();
    for (const row of this.rows) if (row.main <= revision) newest.set(text(row.key), row);
    return [...newest.values()].sort((a, b) => compareBytes(a.key, b.key));
  }

  alive(key: Uint8Array, end: Uint8Array, revision: number): TwinRow[] {
    const open = end.length === 1 && end[0] === 0;
    return this.latest(revision).filter((row) => {
      if (row.tombstone) return false;
      if (end.length === 0) return equalBytes(row.key, key);
      return compareBytes(row.key, key) >= 0 && (open || compareBytes(row.key, end) < 0);
    });
  }

  put(key: Uint8Array, value: Uint8Array, lease: bigint): void {
    const main = this.current + 1;
    const [old] = this.alive(key, new Uint8Array(0), main);
    this.#add({
      main,
      sub: this.#change.length,
      tombstone: false,
      key,
      createRevision: old?.createRevision ?? main,
      version: (old?.version ?? 0) + 1,
      value,
      lease,
    });
  }

  deleteRange(key: Uint8Array, end: Uint8Array): number {
    const main = this.current + 1;
    const doomed = this.alive(key, end, main);
    for (const { key: gone } of doomed) {
      const nothing = { createRevision: 0, version: 0, value: new Uint8Array(0), lease: 0n };
      this.#add({ main, sub: this.#change.length, tombstone: true, key: gone, ...nothing });
    }
    return doomed.length;
  }

  end(): TwinEvent[] {
    const events = this.#change.map(eventOf);
    if (events.length > 0) this.current++;
    this.#change = [];
    return events;
  }

  compact(revision: number): "ok" | "compacted" | "future" {
    if (revision <= this.compacted) return "compacted";
    if (revision > this.current) return "future";
    this.compacted = revision;
    const kept = new Set(
      this.latest(revision).filter((row) => !row.tombstone || row.main === revision),
    );
    this.rows = this.rows.filter((row) => row.main > revision || kept.has(row));
    return "ok";
  }

  events(from: number, to: number): TwinEvent[] {
    return this.rows.filter((row) => row.main >= from && row.main <= to).map(eventOf);
  }

  /**
   * etcd's HashKV, word by word as its rules are written down; `compacting`: as computed by a
   * compaction at the revision.
   */
  hash(revision: number, compacting = false): number {
    const isKept = (row: TwinRow): boolean =>
      !row.tombstone || (compacting && row.main === revision);
    const keep = new Set(this.latest(revision).filter(isKept));
    let hash = crc32c(new TextEncoder().encode("key"));
    for (const row of this.rows) {
      if (row.main > revision) continue;
      if (row.main <= this.compacted && keep.size > 0 && !keep.has(row)) continue;
      if (row.main === this.compacted && row.tombstone) continue;
      hash = crc32c(encodeRevision(row.main, row.sub, row.tombstone), hash);
      hash = crc32c(encodeRow(row), hash);
    }
    return hash;
  }

  #add(row: TwinRow): void {
    this.rows.push(row);
    this.#change.push(row);
  }
}
