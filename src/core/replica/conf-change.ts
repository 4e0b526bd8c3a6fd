// SPDX-License-Identifier: Apache-2.0
// Conf changes of the log, as raft has them, and as membership has them.

import { invariant } from "../../base/invariant.ts";
import {
  type Applier,
  decodeChangeContext,
  encodeChangeContext,
  type MemberChange,
  type MembersRefusedResult,
  type MembersResult,
} from "../apply/index.ts";
import {
  type ConfChange,
  ConfChangeTransition,
  ConfChangeType,
  type ConfChangeV2,
  type ConfState,
  decodeConfChange,
  decodeConfChangeV2,
  type Entry,
  EntryType,
  NO_BYTES,
  NONE,
  type RawNode,
} from "../raft/index.ts";

/** What raft is told in place of a change that is refused: it must hear of every conf change. */
const NO_CHANGE: ConfChange = {
  id: 0n,
  type: ConfChangeType.addNode,
  nodeId: NONE,
  context: NO_BYTES,
};
const NO_JOINT_CHANGE: ConfChangeV2 = {
  transition: ConfChangeTransition.auto,
  changes: [{ type: ConfChangeType.addNode, nodeId: NONE }],
  context: NO_BYTES,
};

const REQUEST_ID_BYTES = 8;

interface AppliedConfChange {
  readonly result: MembersResult | MembersRefusedResult;
  readonly confState: ConfState;
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

function typeOf(change: MemberChange): ConfChangeType {
  switch (change.kind) {
    case "add":
      return change.member.isLearner ? ConfChangeType.addLearner : ConfChangeType.addNode;
    case "promote":
      return ConfChangeType.addNode;
    case "remove":
      return ConfChangeType.removeNode;
    case "update":
      return ConfChangeType.updateNode;
  }
}

/** The conf change of a request (formats-raft-entries G.5). */
export function confChangeOf(id: bigint, change: MemberChange): ConfChange {
  const nodeId = change.kind === "add" ? change.member.id : change.id;
  return {
    id,
    type: typeOf(change),
    nodeId,
    context: textEncoder.encode(encodeChangeContext(change)),
  };
}

/** What a conf change of the log means for the members. */
export function memberChangeOf({ type, nodeId, context }: ConfChange): MemberChange {
  if (type === ConfChangeType.removeNode) return { kind: "remove", id: nodeId };
  const isUpdate = type === ConfChangeType.updateNode;
  const change = decodeChangeContext(textDecoder.decode(context), isUpdate);
  const id = change.kind === "add" ? change.member.id : change.id;
  invariant(id === nodeId, `a conf change of ${nodeId.toString(16)} describes ${id.toString(16)}`);
  return change;
}

/**
 * Puts a conf change of the log into force: in the stored membership, and in raft. What the
 * membership refuses, raft hears of as a change of nobody.
 */
export function applyConfChange(
  entry: Entry,
  raft: RawNode,
  applier: Applier,
): { readonly id: bigint; readonly change: MemberChange; readonly applied: AppliedConfChange } {
  invariant(entry.type === EntryType.confChange, "a joint conf change in etcd's log");
  const confChange = decodeConfChange(entry.data);
  const change = memberChangeOf(confChange);
  const result = applier.changeMembers(change);
  const confState = raft.applyConfChange(result.kind === "members" ? confChange : NO_CHANGE);
  return { id: confChange.id, change, applied: { result, confState } };
}

/**
 * The same for joint changes, which etcd's log never has: they belong to groups that only this
 * program forms. The members' rows follow raft's configuration, which `meta/confState` keeps.
 */
export function applyJointChange(
  entry: Entry,
  raft: RawNode,
  applier: Applier,
): { readonly id: bigint | undefined; readonly isRefused: boolean; readonly confState: ConfState } {
  const change = decodeConfChangeV2(entry.data);
  const isRefused = change.changes.some(({ nodeId }) => applier.isRemovedMember(nodeId));
  const confState = raft.applyConfChange(isRefused ? NO_JOINT_CHANGE : change);
  const { voters, learners, votersOutgoing, learnersNext } = confState;
  const all = new Set([...voters, ...votersOutgoing, ...learners]);
  applier.followConfiguration(all, new Set([...learners, ...learnersNext]));
  return { id: jointChangeId(change), isRefused, confState };
}

/** A joint change under the number of the request that asks for it. */
export function withRequestId(id: bigint, change: ConfChangeV2): ConfChangeV2 {
  const context = new Uint8Array(REQUEST_ID_BYTES);
  new DataView(context.buffer).setBigUint64(0, id, true);
  return { ...change, context };
}

/** Undefined for a change that nobody asked for: leaving a joint configuration by itself. */
function jointChangeId({ context }: ConfChangeV2): bigint | undefined {
  if (context.length !== REQUEST_ID_BYTES) return undefined;
  return new DataView(context.buffer, context.byteOffset).getBigUint64(0, true);
}
