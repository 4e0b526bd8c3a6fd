// SPDX-License-Identifier: Apache-2.0

import type { ConfState } from "../raft/index.ts";

/** `meta/confState`: JSON with exact digits, empty lists left out (formats-db E). */
export function encodeConfState(state: ConfState): Uint8Array {
  const lists: string[] = [];
  const add = (name: string, ids: readonly bigint[]): void => {
    if (ids.length > 0) lists.push(`"${name}":[${ids.join(",")}]`);
  };
  add("voters", state.voters);
  add("learners", state.learners);
  add("voters_outgoing", state.votersOutgoing);
  add("learners_next", state.learnersNext);
  lists.push(`"auto_leave":${state.autoLeave}`);
  return new TextEncoder().encode(`{${lists.join(",")}}`);
}
