// SPDX-License-Identifier: Apache-2.0

import {
  describeEntry,
  describeHardState,
  describeMessage,
  describeSnapshot,
  describeSoftState,
  type Ready,
} from "../../../src/core/raft/index.ts";

function section<T>(title: string, items: readonly T[], describe: (item: T) => string): string[] {
  return items.length === 0 ? [] : [title, ...items.map(describe)];
}

/** The whole work list, a line per item; parts that are not there are left out. */
export function describeReady(ready: Ready): string {
  const lines: string[] = [];
  if (ready.softState !== undefined) lines.push(describeSoftState(ready.softState));
  if (ready.hardState !== undefined) {
    lines.push(`HardState ${describeHardState(ready.hardState)}`);
  }
  if (ready.readStates.length > 0) {
    const states = ready.readStates.map((s) => `{${s.index} [${[...s.requestCtx].join(" ")}]}`);
    lines.push(`ReadStates [${states.join(" ")}]`);
  }
  lines.push(...section("Entries:", ready.entries, describeEntry));
  if (ready.snapshot !== undefined) lines.push(`Snapshot ${describeSnapshot(ready.snapshot)}`);
  lines.push(...section("CommittedEntries:", ready.committedEntries, describeEntry));
  lines.push(...section("Messages:", ready.messages, (message) => describeMessage(message)));
  if (lines.length === 0) return "<empty Ready>";
  return `Ready MustSync=${ready.mustSync}:\n${lines.map((line) => `${line}\n`).join("")}`;
}
