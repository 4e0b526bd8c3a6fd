// SPDX-License-Identifier: Apache-2.0

import type { ConfState, Entry, HardState } from "../../../src/core/raft/index.ts";
import type { Coverage } from "../coverage.ts";
import { expectThat } from "../failure.ts";
import type { MemberLog } from "./member-log.ts";

/** A log as a start has found it on disk. */
export interface FoundLog {
  readonly base: number;
  readonly baseTerm: number;
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
}

/** What a member said to be safe is there after any crash, and its term and vote too. */
export function checkFoundLog(log: MemberLog, found: FoundLog, coverage: Coverage): void {
  const last = found.base + found.entries.length;
  expectThat(
    last >= log.safeIndex,
    "what was promised is on disk",
    () => `${log.name} promised the log up to ${log.safeIndex} and has it up to ${last}`,
  );
  for (const { index, term } of found.entries) {
    if (index > log.safeIndex) break;
    const promised = log.term(index);
    expectThat(
      promised === undefined || promised === term,
      "what was promised is on disk",
      () => `${log.name} promised entry ${index} of term ${promised} and has one of ${term}`,
    );
  }
  const { term, vote } = found.hardState;
  expectThat(
    term > log.safeTerm ||
      (term === log.safeTerm && (vote === log.safeVote || log.safeVote === 0n)),
    "what was promised is on disk",
    () => `${log.name} forgot the vote of term ${log.safeTerm}: it has term ${term}`,
  );
  if (last < log.lastIndex) coverage.saw("a crash lost unsynced entries");
}

function countOf(ids: readonly bigint[], has: (id: bigint) => boolean): number {
  return ids.filter(has).length;
}

/** Whether a quorum of the configuration, of both halves of a joint one, fulfils `has`. */
export function isQuorum(conf: ConfState, has: (id: bigint) => boolean): boolean {
  const halves = [conf.voters, conf.votersOutgoing].filter((ids) => ids.length > 0);
  return halves.every((ids) => countOf(ids, has) * 2 > ids.length);
}
