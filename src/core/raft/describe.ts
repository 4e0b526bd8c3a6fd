// SPDX-License-Identifier: Apache-2.0
// Texts of the engine's values, in the words and forms of etcd's raft library: log lines and the
// transcripts of the scripted scenarios are made of them. Identities are hexadecimal.

import { decodeConfChangeEntry } from "./codec.ts";
import { formatConfChanges } from "./confchange/parse.ts";
import type { TrackedConfig } from "./tracker/progress-tracker.ts";
import {
  APPEND_THREAD,
  APPLY_THREAD,
  type ConfChangeV2,
  type ConfState,
  type Entry,
  EntryType,
  type HardState,
  type Message,
  MessageType,
  NONE,
  type Snapshot,
} from "./types.ts";

export type Role = "follower" | "pre-candidate" | "candidate" | "leader";

const ROLE_NAMES: Readonly<Record<Role, string>> = {
  follower: "StateFollower",
  "pre-candidate": "StatePreCandidate",
  candidate: "StateCandidate",
  leader: "StateLeader",
};

const MESSAGE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(MessageType).map(([name, type]) => [type, name]),
);
const ENTRY_NAMES = ["EntryNormal", "EntryConfChange", "EntryConfChangeV2"] as const;
const TRANSITION_NAMES = ["Auto", "JointImplicit", "JointExplicit"] as const;
const CHANGE_NAMES = ["AddNode", "RemoveNode", "UpdateNode", "AddLearnerNode"] as const;

export function hex(id: bigint): string {
  return id.toString(16);
}

export function roleName(role: Role): string {
  return ROLE_NAMES[role];
}

export function messageTypeName(type: number): string {
  return MESSAGE_NAMES.get(type) ?? `${type}`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\r", "\\r"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\v", "\\v"],
]);

/** Bytes in Go's double-quoted form: printable text as it is, everything else escaped. */
export function quoteBytes(bytes: Uint8Array): string {
  let text = "";
  let position = 0;
  while (position < bytes.length) {
    const size = utf8SizeAt(bytes, position);
    const point = size === 0 ? "" : utf8.decode(bytes.subarray(position, position + size));
    text += point === "" ? `\\x${twoDigits(bytes[position] ?? 0)}` : quotePoint(point);
    position += Math.max(size, 1);
  }
  return `"${text}"`;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The length of the valid sequence that starts here, or 0 when there is none. */
function utf8SizeAt(bytes: Uint8Array, position: number): number {
  const first = bytes[position] ?? 0;
  const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (position + size > bytes.length) return 0;
  try {
    const point = strictUtf8.decode(bytes.subarray(position, position + size));
    return [...point].length === 1 ? size : 0;
  } catch {
    // Not valid here: the caller escapes the first byte and goes on behind it.
    return 0;
  }
}

function twoDigits(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function quotePoint(point: string): string {
  const short = ESCAPES.get(point);
  if (short !== undefined) return short;
  if (point === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(point)) return point;
  const code = point.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${twoDigits(code)}`;
  if (code < 0x1_0000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

export function describeHardState(state: HardState): string {
  const vote = state.vote === NONE ? "" : ` Vote:${state.vote}`;
  return `Term:${state.term}${vote} Commit:${state.commit}`;
}

export function describeSoftState(state: { readonly lead: bigint; readonly role: Role }): string {
  return `Lead:${state.lead} State:${roleName(state.role)}`;
}

function list(ids: readonly bigint[]): string {
  return ids.join(" ");
}

export function describeConfState(state: ConfState): string {
  return (
    `Voters:[${list(state.voters)}] VotersOutgoing:[${list(state.votersOutgoing)}] ` +
    `Learners:[${list(state.learners)}] LearnersNext:[${list(state.learnersNext)}] ` +
    `AutoLeave:${state.autoLeave}`
  );
}

export function describeSnapshot({ metadata }: Snapshot): string {
  const { index, term, confState } = metadata;
  return `Index:${index} Term:${term} ConfState:${describeConfState(confState)}`;
}

function set(ids: readonly bigint[]): string {
  return `(${ids.map(hex).join(" ")})`;
}

/** `voters=(1 2)&&(1 3) learners=(4) …`, the parts that are there. */
export function describeTrackedConfig(config: TrackedConfig): string {
  const { voters, learners, learnersNext, autoLeave } = config;
  let text = `voters=${set(voters.incoming.ids)}`;
  if (voters.isJoint) text += `&&${set(voters.outgoing.ids)}`;
  if (learners.length > 0) text += ` learners=${set(learners)}`;
  if (learnersNext.length > 0) text += ` learners_next=${set(learnersNext)}`;
  return autoLeave ? `${text} autoleave` : text;
}

/** A change in protobuf's text form. */
export function describeConfChange(change: ConfChangeV2): string {
  let text = `transition:ConfChangeTransition${TRANSITION_NAMES[change.transition]}`;
  for (const { type, nodeId } of change.changes) {
    text += ` changes:{type:ConfChange${CHANGE_NAMES[type]} node_id:${nodeId}}`;
  }
  return change.context.length > 0 ? `${text} context:${quoteBytes(change.context)}` : text;
}

/** `<term>/<index> <type> <payload>`. */
export function describeEntry(entry: Entry): string {
  const payload =
    entry.type === EntryType.normal
      ? quoteBytes(entry.data)
      : formatConfChanges(decodeConfChangeEntry(entry).changes);
  const text = `${entry.term}/${entry.index} ${ENTRY_NAMES[entry.type]}`;
  return payload === "" ? text : `${text} ${payload}`;
}

function describeTarget(id: bigint): string {
  if (id === NONE) return "None";
  if (id === APPEND_THREAD) return "AppendThread";
  if (id === APPLY_THREAD) return "ApplyThread";
  return hex(id);
}

function describeEntries(entries: readonly Entry[], indent: string): string {
  const [first] = entries;
  if (first === undefined) return "";
  if (entries.length === 1) return ` Entries:[${describeEntry(first)}]`;
  const lines = entries.map((entry) => `\n${indent}  ${describeEntry(entry)}`);
  return ` Entries:[${lines.join("")}\n${indent}]`;
}

/** A message on one line, or more: its further lines start with `indent`. */
export function describeMessage(message: Message, indent = ""): string {
  const { from, to, type, term, logTerm, index, snapshot, responses = [] } = message;
  let text = `${describeTarget(from)}->${describeTarget(to)} ${messageTypeName(type)}`;
  text += ` Term:${term} Log:${logTerm}/${index}`;
  if (message.reject) text += ` Rejected (Hint: ${message.rejectHint})`;
  if (message.commit !== 0) text += ` Commit:${message.commit}`;
  if (message.vote !== NONE) text += ` Vote:${message.vote}`;
  text += describeEntries(message.entries, indent);
  if (snapshot !== undefined && snapshot.metadata.index > 0) {
    text += `\n${indent}  Snapshot: ${describeSnapshot(snapshot)}`;
  }
  if (responses.length > 0) {
    const inner = `${indent}  `;
    const lines = responses.map((response) => `\n${inner}${describeMessage(response, inner)}`);
    text += ` Responses:[${lines.join("")}\n${indent}]`;
  }
  return text;
}
