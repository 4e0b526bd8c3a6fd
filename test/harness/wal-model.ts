// SPDX-License-Identifier: Apache-2.0

import {
  EMPTY_HARD_STATE,
  type Entry,
  type HardState,
  isSameHardState,
} from "../../src/core/raft/index.ts";

export type ModelRecord =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "state"; readonly state: HardState };

export interface LogState {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

/** What a log that starts at index 0 holds after these records. */
export function foldRecords(records: readonly ModelRecord[]): LogState {
  const entries: Entry[] = [];
  let hardState = EMPTY_HARD_STATE;
  for (const record of records) {
    if (record.kind === "state") hardState = record.state;
    else {
      entries.length = record.entry.index - 1;
      entries.push(record.entry);
    }
  }
  return { hardState, entries };
}

function isSameLog(a: LogState, b: LogState): boolean {
  return (
    isSameHardState(a.hardState, b.hardState) &&
    a.entries.length === b.entries.length &&
    a.entries.every((entry, at) => {
      const other = b.entries[at];
      return (
        other?.index === entry.index &&
        other.term === entry.term &&
        other.type === entry.type &&
        Buffer.compare(other.data, entry.data) === 0
      );
    })
  );
}

/** How many of the records the log shows: the largest count in [from, all], or undefined. */
export function prefixShown(
  records: readonly ModelRecord[],
  from: number,
  log: LogState,
): number | undefined {
  for (let count = records.length; count >= from; count--) {
    if (isSameLog(foldRecords(records.slice(0, count)), log)) return count;
  }
  return undefined;
}
