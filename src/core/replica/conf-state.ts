// SPDX-License-Identifier: Apache-2.0

import type { Backend } from "../backend/index.ts";
import { type ConfState, EMPTY_CONF_STATE } from "../raft/index.ts";

export const CONF_STATE_KEY = new TextEncoder().encode("confState");

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

/** Reads `meta/confState`; identities keep all their digits. */
export function decodeConfState(row: Uint8Array): ConfState {
  const text = new TextDecoder().decode(row);
  const list = (name: string): bigint[] => {
    const digits = new RegExp(`"${name}":\\[([0-9,]*)\\]`).exec(text)?.[1] ?? "";
    return digits === "" ? [] : digits.split(",").map(BigInt);
  };
  return {
    voters: list("voters"),
    learners: list("learners"),
    votersOutgoing: list("voters_outgoing"),
    learnersNext: list("learners_next"),
    autoLeave: text.includes('"auto_leave":true'),
  };
}

/** The configuration at the backend's consistent index; the empty one before any change. */
export function storedConfState(backend: Backend): ConfState {
  const row = backend.get("meta", CONF_STATE_KEY);
  return row === undefined ? EMPTY_CONF_STATE : decodeConfState(row);
}
