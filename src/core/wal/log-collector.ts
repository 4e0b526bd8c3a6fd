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
import type { RecordCursor } from "./decoder.ts";
import { FIX_DAMAGE, WalError, type WalErrorPlace } from "./errors.ts";
import { RecordType, type SnapshotMark, type SnapshotRecord } from "./format.ts";

/** The data of a snapshot record. */
export function decodeSnapshotRecord(reader: WireReader): SnapshotRecord {
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

function placeOf({ offset, number }: RecordCursor, file: string): WalErrorPlace {
  return { file, offset, record: number };
}

function damage(
  code: "corrupt" | "inconsistent",
  place: WalErrorPlace,
  problem: string,
  cause?: unknown,
): WalError {
  return new WalError(code, place, { problem, fix: FIX_DAMAGE }, { cause });
}

/** Whether the message consists of fields 1 to 3 as varints. */
export function hasOnlyVarints(reader: WireReader): boolean {
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
  /** The term of the entry that was last written at the start's index, or of the snapshot. */
  #termAtStart: number | undefined;
  /** Whether the record of the snapshot to start from was met. */
  startMatched = false;

  constructor(start: SnapshotMark) {
    this.#start = start;
  }

  /** Takes one record of the segment at path `file`. */
  add(record: RecordCursor, file: string): void {
    let problem: string | undefined;
    try {
      problem = this.#take(record);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      const text = `the data of a record of type ${record.type} does not parse`;
      throw damage("corrupt", placeOf(record, file), text, cause);
    }
    if (problem !== undefined) {
      throw damage("inconsistent", placeOf(record, file), problem);
    }
  }

  #take(record: RecordCursor): string | undefined {
    const { type, bytes, start, end } = record;
    if (type === RecordType.crc) return undefined;
    if (type === RecordType.metadata) return this.#takeMetadata(bytes.subarray(start, end));
    if (this.metadata === undefined) return "the metadata should come before everything else";
    if (start === end) return `a record of type ${type} should hold data`;
    const reader = new WireReader(bytes, start, end);
    switch (type) {
      case RecordType.entry:
        return this.#takeEntry(decodeEntry(reader));
      case RecordType.state:
        if (!hasOnlyVarints(new WireReader(bytes, start, end))) {
          return "a hard state holds three numbers and nothing else";
        }
        return this.#takeState(decodeHardState(reader));
      case RecordType.snapshot:
        return this.#takeSnapshot(decodeSnapshotRecord(reader));
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
    // Only a joint change may say nothing: it leaves the joint configuration.
    if (entry.type === EntryType.confChange && entry.data.length === 0) {
      return `entry ${index} should say which change of members it makes`;
    }
    this.lastIndex = index;
    if (index <= this.#start.index) {
      // A later leader went on from here: what stood behind is not part of the log any more.
      this.entries.length = 0;
      this.#termAtStart = index === this.#start.index ? term : undefined;
      return undefined;
    }
    const place = index - this.#start.index - 1;
    const entries = this.entries;
    if (place > entries.length) {
      return `the entry after ${this.#start.index + entries.length} should follow, not ${index}`;
    }
    const before = entries[place - 1]?.term ?? this.#termAtStart ?? 0;
    if (term < before) return `entry ${index} has term ${term}, the one before it ${before}`;
    // A new leader replaces what the old one had not committed.
    if (place < entries.length) entries.length = place;
    entries.push(entry);
    return undefined;
  }

  #takeState(state: HardState): string | undefined {
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
    // A snapshot that came from the leader has replaced a log that did not lead up to it.
    if (this.#termAtStart !== term) this.entries.length = 0;
    this.#termAtStart = term;
    return undefined;
  }
}
