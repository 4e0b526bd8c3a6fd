// SPDX-License-Identifier: Apache-2.0

import { WireError, WireReader } from "../../base/wire-reader.ts";
import {
  type ConfState,
  decodeConfState,
  decodeEntry,
  decodeHardState,
  EMPTY_HARD_STATE,
  type Entry,
  EntryType,
  type HardState,
} from "../raft/index.ts";
import type { WalRecord } from "./decoder.ts";
import { FIX_DAMAGE, WalError } from "./errors.ts";
import { RecordType, type SnapshotMark, type SnapshotRecord } from "./format.ts";

function decodeSnapshotRecord(data: Uint8Array): SnapshotRecord {
  const reader = new WireReader(data);
  let index = 0;
  let term = 0;
  let confState: ConfState | undefined;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === 0x08) index = reader.uint64Number();
    else if (tag === 0x10) term = reader.uint64Number();
    else if (tag === 0x1a) confState = decodeConfState(reader.nested());
    else reader.skip(tag);
  }
  return { index, term, confState };
}

/** Whether the message consists of fields 1 to 3 as varints. */
function hasOnlyVarints(data: Uint8Array): boolean {
  const reader = new WireReader(data);
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag !== 0x08 && tag !== 0x10 && tag !== 0x18) return false;
    reader.skip(tag);
  }
  return true;
}

/**
 * Folds records in their order into the log after `start`. The checksum does not cover the type
 * of a record, so values that cannot come from a log betray a changed type here.
 */
export class LogCollector {
  readonly #start: SnapshotMark;
  metadata: Uint8Array | undefined;
  hardState: HardState = EMPTY_HARD_STATE;
  /** Entries with indexes start.index + 1, start.index + 2 and so on. */
  readonly entries: Entry[] = [];
  readonly snapshots: SnapshotRecord[] = [];
  /** Index of the entry written last, raised by later snapshots: names the next segment. */
  lastIndex = 0;
  /** Whether the record of the snapshot to start from was met. */
  startMatched = false;

  constructor(start: SnapshotMark) {
    this.#start = start;
  }

  /** Takes one record of the segment at path `file`. */
  add(record: WalRecord, file: string): void {
    const fail = (code: "corrupt" | "inconsistent", problem: string, cause?: unknown) =>
      new WalError(code, { file, offset: record.offset }, { problem, fix: FIX_DAMAGE }, { cause });
    let problem: string | undefined;
    try {
      problem = this.#take(record);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      throw fail("corrupt", `the data of a record of type ${record.type} does not parse`, cause);
    }
    if (problem !== undefined) throw fail("inconsistent", problem);
  }

  #take(record: WalRecord): string | undefined {
    const { type, data } = record;
    if (type === RecordType.crc) return undefined;
    if (type === RecordType.metadata) return this.#takeMetadata(data);
    if (this.metadata === undefined) return "the metadata should come before everything else";
    if (data.length === 0) return `a record of type ${type} should hold data`;
    switch (type) {
      case RecordType.entry:
        return this.#takeEntry(decodeEntry(new WireReader(data)));
      case RecordType.state:
        return this.#takeState(data);
      case RecordType.snapshot:
        return this.#takeSnapshot(decodeSnapshotRecord(data));
      default:
        return `records of type ${type} do not exist`;
    }
  }

  #takeMetadata(data: Uint8Array): string | undefined {
    if (this.metadata !== undefined && Buffer.compare(this.metadata, data) !== 0) {
      return "the metadata differs from what earlier segments hold: another member wrote this file";
    }
    this.metadata ??= new Uint8Array(data);
    return undefined;
  }

  #takeEntry(entry: Entry): string | undefined {
    const { index, term } = entry;
    if (index === 0 || term === 0) return `no entry has index ${index} and term ${term}`;
    if (entry.type !== EntryType.normal && entry.data.length === 0) {
      return `entry ${index} should say which change of members it makes`;
    }
    this.lastIndex = index;
    if (index <= this.#start.index) return undefined;
    const place = index - this.#start.index - 1;
    const entries = this.entries;
    if (place > entries.length) {
      return `the entry after ${this.#start.index + entries.length} should follow, not ${index}`;
    }
    const before = entries[place - 1]?.term ?? this.#start.term;
    if (term < before) return `entry ${index} has term ${term}, the one before it ${before}`;
    // A new leader replaces what the old one had not committed.
    if (place < entries.length) entries.length = place;
    entries.push(entry);
    return undefined;
  }

  #takeState(data: Uint8Array): string | undefined {
    if (!hasOnlyVarints(data)) return "a hard state holds three numbers and nothing else";
    const state = decodeHardState(new WireReader(data));
    const last = this.hardState;
    if (state.term < last.term || state.commit < last.commit) {
      return (
        `term and commit only grow, but here they are ${state.term} and ${state.commit} ` +
        `after ${last.term} and ${last.commit}`
      );
    }
    this.hardState = state;
    return undefined;
  }

  #takeSnapshot(snapshot: SnapshotRecord): string | undefined {
    const { index, term } = snapshot;
    if (index > Number.MAX_SAFE_INTEGER || term > Number.MAX_SAFE_INTEGER) {
      return `no snapshot has index ${index} and term ${term}`;
    }
    this.snapshots.push(snapshot);
    this.lastIndex = Math.max(this.lastIndex, index);
    if (index !== this.#start.index) return undefined;
    if (term !== this.#start.term) {
      return `the snapshot at ${index} should have term ${this.#start.term}, not ${term}`;
    }
    this.startMatched = true;
    return undefined;
  }
}
