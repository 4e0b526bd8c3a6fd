// SPDX-License-Identifier: Apache-2.0

import { encodeConfChange, encoded } from "./codec.ts";
import { ConfChangeType, type Entry, EntryType, type HardState, NONE } from "./types.ts";

/** A first member of a new group. */
export interface BootstrapPeer {
  readonly id: bigint;
  /** What the application wants to know of the member; it comes back when the entry is applied. */
  readonly context: Uint8Array;
}

/** The state that every first member of a new group starts from. */
export interface BootstrapState {
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
}

const BOOTSTRAP_TERM = 1;

/**
 * The log of a new group: one committed entry per member, ascending by identity, so that all of
 * them make the same log without having spoken to each other. Elections start with term 2.
 */
export function bootstrapState(peers: readonly BootstrapPeer[]): BootstrapState {
  const sorted = [...peers].sort((a, b) => (a.id < b.id ? -1 : 1));
  const entries = sorted.map(({ id: nodeId, context }, i): Entry => {
    const change = { id: 0n, type: ConfChangeType.addNode, nodeId, context };
    const data = encoded(encodeConfChange, change);
    return { type: EntryType.confChange, term: BOOTSTRAP_TERM, index: i + 1, data };
  });
  return {
    entries,
    hardState: { term: BOOTSTRAP_TERM, vote: NONE, commit: entries.length },
  };
}
