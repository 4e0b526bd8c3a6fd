// SPDX-License-Identifier: Apache-2.0

import { Metadata } from "../api/gen/etcdserverpb.ts";
import { WireError, WireReader } from "../base/wire-reader.ts";
import { changedId, decodeChangeContext } from "../core/membership/index.ts";
import {
  type ConfChange,
  ConfChangeType,
  decodeConfChange,
  decodeEntry,
  decodeHardState,
  EMPTY_HARD_STATE,
  type Entry,
  EntryType,
  type HardState,
} from "../core/raft/index.ts";
import {
  decodeSnapshotRecord,
  hasOnlyVarints,
  type RecordCursor,
  RecordType,
  type SnapshotRecord,
} from "../core/wal/index.ts";
import { requestProblem } from "./wal-request.ts";
import { TermRuns } from "./wal-terms.ts";

/** A change of members in the log. */
export interface LoggedChange {
  readonly index: number;
  /** Undefined for a joint change, which only groups of this program have. */
  readonly change: ConfChange | undefined;
}

/** Whether the change's context describes the member that the change is about. */
function isUnderstood({ type, nodeId, context }: ConfChange): boolean {
  if (type === ConfChangeType.removeNode) return true;
  try {
    const isUpdate = type === ConfChangeType.updateNode;
    const change = decodeChangeContext(new TextDecoder().decode(context), isUpdate);
    return changedId(change) === nodeId;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
}

/**
 * Follows the records of a log in order and tells which of them contradict what came before.
 * Keeps no entries, so that a log may have any length; terms are kept as runs.
 */
export class WalContinuity {
  metadata: { readonly member: bigint; readonly cluster: bigint } | undefined;
  hardState: HardState = EMPTY_HARD_STATE;
  readonly snapshots: SnapshotRecord[] = [];
  readonly terms = new TermRuns();
  changes: LoggedChange[] = [];
  /** Index of the first entry from which on none is missing; undefined while there is none. */
  firstIndex: number | undefined;
  /** Index of the last entry, or of a later snapshot. */
  lastIndex = 0;
  /** Set where damage has hidden what came before: the next index cannot be judged. */
  #isBlind = false;

  /** A log begins with an entry of at most this index: it stands in the first file's name. */
  constructor(firstIndex: number) {
    this.lastIndex = Math.max(0, firstIndex - 1);
  }

  /** Records are missing here. */
  loseSight(): void {
    this.#isBlind = true;
    this.terms.clear();
  }

  /** A segment begins whose name says which entry may come first; what is wrong with that. */
  segment(index: number): string | undefined {
    if (this.#isBlind || index <= this.lastIndex + 1) return undefined;
    return `its name says that it begins with entry ${index}, but the log before it ends at entry ${this.lastIndex}`;
  }

  /** Takes a record; what is wrong with it, if anything. */
  take(record: RecordCursor): string | undefined {
    try {
      return this.#take(record);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return `the data of a record of type ${record.type} does not parse (${error.message})`;
    }
  }

  #take({ type, bytes, start, end }: RecordCursor): string | undefined {
    if (type === RecordType.crc) return undefined;
    const reader = new WireReader(bytes, start, end);
    if (type === RecordType.metadata) return this.#takeMetadata(Metadata.read(reader));
    if (this.metadata === undefined && !this.#isBlind) {
      return "the metadata should come before everything else";
    }
    if (start === end) return `a record of type ${type} should hold data`;
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

  #takeMetadata({ NodeID = 0n, ClusterID = 0n }: Metadata): string | undefined {
    const known = this.metadata;
    this.metadata ??= { member: NodeID, cluster: ClusterID };
    if (known === undefined || (known.member === NodeID && known.cluster === ClusterID)) {
      return undefined;
    }
    return "the metadata differs from what was before: another member wrote this file";
  }

  #takeEntry(entry: Entry): string | undefined {
    const { index, term } = entry;
    if (index === 0 || term === 0) return `no entry has index ${index} and term ${term}`;
    const problem = this.#isBlind ? undefined : this.#misplaced(index, term);
    this.#isBlind = false;
    this.terms.set(index, term);
    if (this.changes.length > 0) this.changes = this.changes.filter((made) => made.index < index);
    this.lastIndex = index;
    this.firstIndex = Math.min(this.firstIndex ?? index, index);
    if (entry.type === EntryType.confChangeV2) this.changes.push({ index, change: undefined });
    return problem ?? this.#content(entry);
  }

  #misplaced(index: number, term: number): string | undefined {
    if (index > this.lastIndex + 1) {
      return `entry ${this.lastIndex + 1} should follow, not ${index}: entries are missing`;
    }
    const before = this.terms.at(index - 1);
    if (before !== undefined && term < before) {
      return `entry ${index} has term ${term}, the one before it ${before}`;
    }
    const replaced = index <= this.lastIndex ? this.terms.at(index) : undefined;
    if (replaced === undefined || replaced === term || index > this.hardState.commit) {
      return undefined;
    }
    return `entry ${index} of term ${replaced} was committed and is replaced by one of term ${term}`;
  }

  #content(entry: Entry): string | undefined {
    const { index } = entry;
    if (entry.type === EntryType.confChange) {
      if (entry.data.length === 0) {
        return `entry ${index} should say which change of members it makes`;
      }
      const { context, ...change } = decodeConfChange(entry.data);
      const kept = { ...change, context: new Uint8Array(context) };
      if (!isUnderstood(kept)) {
        return `entry ${index} holds a change of members that makes no sense`;
      }
      this.changes.push({ index, change: kept });
    }
    const problem = requestProblem(entry);
    return problem && `entry ${index} holds no request that can be applied (${problem})`;
  }

  #takeState(state: HardState): string | undefined {
    const last = this.hardState;
    this.hardState = state;
    if (state.term >= last.term && state.commit >= last.commit) return undefined;
    return (
      `term and commit only grow, but here they are ${state.term} and ${state.commit} ` +
      `after ${last.term} and ${last.commit}`
    );
  }

  #takeSnapshot(snapshot: SnapshotRecord): string | undefined {
    const { index, term } = snapshot;
    if (index > Number.MAX_SAFE_INTEGER || term > Number.MAX_SAFE_INTEGER) {
      return `no snapshot has index ${index} and term ${term}`;
    }
    this.snapshots.push(snapshot);
    if (index > this.lastIndex) {
      // It came from the leader and has replaced the log.
      this.lastIndex = index;
      this.firstIndex = undefined;
      this.changes = [];
      this.terms.clear();
      this.terms.set(index, term);
      return undefined;
    }
    const known = index === 0 ? undefined : this.terms.at(index);
    if (known === undefined || known === term) return undefined;
    return `the snapshot at entry ${index} has term ${term}, the entry itself ${known}`;
  }
}
