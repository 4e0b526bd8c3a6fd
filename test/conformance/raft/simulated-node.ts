// SPDX-License-Identifier: Apache-2.0

import {
  type ConfState,
  decodeConfChangeEntry,
  type Entry,
  EntryType,
  type HardState,
  isEmptyHardState,
  isRefusal,
  MemoryStorage,
  type Message,
  type RaftConfig,
  type RaftLogger,
  RawNode,
  type Snapshot,
} from "../../../src/core/raft/index.ts";
import { DirectiveError } from "./arguments.ts";

export const ELECTION_TICK = 3;
export const HEARTBEAT_TICK = 1;

/** What `add-nodes` can set. */
export type NodeOptions = Pick<
  RaftConfig,
  | "asyncStorageWrites"
  | "preVote"
  | "checkQuorum"
  | "readOnlyOption"
  | "maxInflightMsgs"
  | "maxCommittedSizePerReady"
  | "disableConfChangeValidation"
  | "stepDownOnRemoval"
>;

/** A log in memory whose snapshot is the newest state of the node's state machine. */
class HistoryStorage extends MemoryStorage {
  readonly history: Snapshot[];

  constructor(initial: Snapshot) {
    super();
    this.history = [initial];
    if (initial.metadata.index > 0) this.applySnapshot(initial);
  }

  override snapshot(): Snapshot {
    return this.newest();
  }

  newest(): Snapshot {
    const newest = this.history.at(-1);
    if (newest === undefined) throw new Error("the history is empty");
    return newest;
  }
}

/** One node: the engine, its log, and a state machine that strings the payloads together. */
export class SimulatedNode {
  readonly id: bigint;
  readonly isAsync: boolean;
  readonly raft: RawNode;
  readonly storage: HistoryStorage;
  readonly appendWork: Message[] = [];
  readonly applyWork: Message[] = [];

  constructor(id: bigint, initial: Snapshot, options: NodeOptions, logger: RaftLogger) {
    this.id = id;
    this.isAsync = options.asyncStorageWrites === true;
    this.storage = new HistoryStorage(initial);
    this.raft = new RawNode({
      id,
      electionTick: ELECTION_TICK,
      heartbeatTick: HEARTBEAT_TICK,
      storage: this.storage,
      applied: initial.metadata.index,
      // Scripts are written so that the drawn timeout does not show, or is set by a directive.
      random: { intBelow: (bound) => Number(id) % bound },
      logger,
      ...options,
    });
  }

  store(hardState: HardState, entries: readonly Entry[], snapshot: Snapshot | undefined): void {
    if (!isEmptyHardState(hardState)) this.storage.setHardState(hardState);
    if (snapshot === undefined) {
      this.storage.append(entries);
      return;
    }
    if (entries.length > 0) {
      throw new DirectiveError("can't apply snapshot and entries at the same time");
    }
    const result = this.storage.applySnapshot(snapshot);
    if (isRefusal(result)) throw new DirectiveError(result);
  }

  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const previous = this.storage.newest();
      const { payload, confState } = this.#execute(entry, previous.metadata.confState);
      this.storage.history.push({
        data: Buffer.concat([previous.data, payload]),
        metadata: { index: entry.index, term: entry.term, confState },
      });
    }
  }

  #execute(entry: Entry, confState: ConfState): { payload: Uint8Array; confState: ConfState } {
    if (entry.type === EntryType.normal) return { payload: entry.data, confState };
    const change = decodeConfChangeEntry(entry);
    return { payload: change.context, confState: this.raft.applyConfChange(change) };
  }
}
