// SPDX-License-Identifier: Apache-2.0

import { ConfChangeType, decodeConfChange, type Entry, EntryType } from "../../core/raft/index.ts";

/** What of a data directory decides whether a server of this version can serve it. */
export interface Content {
  readonly members: number;
  /** The value of the row `authEnabled` in the bucket `auth`. */
  readonly authEnabled: Uint8Array | undefined;
}

/** The row that says whether authentication is enabled. */
export const AUTH_ENABLED_KEY = new TextEncoder().encode("authEnabled");

export interface Unserved {
  readonly kind: "members" | "auth";
  /** A clause about the data directory. */
  readonly problem: string;
}

/** What this version would start on and not serve as it must be; undefined when there is nothing. */
export function unservedContent({ members, authEnabled }: Content): Unserved | undefined {
  const not = "which is not supported yet";
  if (members > 1) {
    return { kind: "members", problem: `is that of a cluster of ${members} members, ${not}` };
  }
  if (authEnabled?.[0] !== 1) return undefined;
  return { kind: "auth", problem: `has authentication enabled, ${not}` };
}

/** How many members there are when what the log holds behind `applied` has been applied too. */
export function membersWithLog(
  members: Iterable<bigint>,
  entries: readonly Entry[],
  applied: number,
): number {
  const ids = new Set(members);
  for (const { index, type, data } of entries) {
    if (index <= applied || type !== EntryType.confChange || data.length === 0) continue;
    const change = decodeConfChange(data);
    if (change.type === ConfChangeType.removeNode) ids.delete(change.nodeId);
    else if (change.type !== ConfChangeType.updateNode) ids.add(change.nodeId);
  }
  return ids.size;
}
