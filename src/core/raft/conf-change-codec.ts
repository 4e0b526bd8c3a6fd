// SPDX-License-Identifier: Apache-2.0

import { WireError, WireReader } from "../../base/wire-reader.ts";
import type { WireWriter } from "../../base/wire-writer.ts";
import {
  type ConfChange,
  type ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeType,
  type ConfChangeV2,
  type Entry,
  EntryType,
  NO_BYTES,
  NONE,
} from "./types.ts";

function changeType(value: number): ConfChangeType {
  if (value === 0 || value === 1 || value === 2 || value === 3) return value;
  throw new WireError(`unknown configuration change type ${value}`);
}

function transitionOf(value: number): ConfChangeTransition {
  if (value === 0 || value === 1 || value === 2) return value;
  throw new WireError(`unknown configuration change transition ${value}`);
}

/** Type and member are always written; a missing request and context are left out. */
export function encodeConfChange(change: ConfChange, writer: WireWriter): void {
  if (change.id !== 0n) {
    writer.uint32(8);
    writer.bigint64(change.id);
  }
  writer.uint32(16);
  writer.uint32(change.type);
  writer.uint32(24);
  writer.bigint64(change.nodeId);
  if (change.context.length !== 0) {
    writer.uint32(34);
    writer.bytes(change.context);
  }
}

/** The context shares memory with the input. */
export function decodeConfChange(bytes: Uint8Array): ConfChange {
  const reader = new WireReader(bytes);
  let id = 0n;
  let type: ConfChangeType = ConfChangeType.addNode;
  let nodeId = NONE;
  let context = NO_BYTES;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === 8) id = reader.uint64();
    else if (tag === 16) type = changeType(reader.uint32());
    else if (tag === 24) nodeId = reader.uint64();
    else if (tag === 34) context = reader.bytes();
    else reader.skip(tag);
  }
  return { id, type, nodeId, context };
}

export function encodeConfChangeV2(change: ConfChangeV2, writer: WireWriter): void {
  writer.uint32(8);
  writer.uint32(change.transition);
  for (const single of change.changes) {
    writer.uint32(18);
    const start = writer.open();
    writer.uint32(8);
    writer.uint32(single.type);
    writer.uint32(16);
    writer.bigint64(single.nodeId);
    writer.close(start);
  }
  if (change.context.length !== 0) {
    writer.uint32(26);
    writer.bytes(change.context);
  }
}

function decodeSingle(reader: WireReader): ConfChangeSingle {
  let type: ConfChangeType = ConfChangeType.addNode;
  let nodeId = NONE;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === 8) type = changeType(reader.uint32());
    else if (tag === 16) nodeId = reader.uint64();
    else reader.skip(tag);
  }
  return { type, nodeId };
}

/** Empty bytes are the empty change, which leaves a joint configuration. */
export function decodeConfChangeV2(bytes: Uint8Array): ConfChangeV2 {
  const reader = new WireReader(bytes);
  let transition: ConfChangeTransition = ConfChangeTransition.auto;
  const changes: ConfChangeSingle[] = [];
  let context = NO_BYTES;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === 8) transition = transitionOf(reader.uint32());
    else if (tag === 18) changes.push(decodeSingle(reader.nested()));
    else if (tag === 26) context = reader.bytes();
    else reader.skip(tag);
  }
  return { transition, changes, context };
}

/** The same change in the new form: one operation, transition chosen by raft. */
export function asConfChangeV2(change: ConfChange): ConfChangeV2 {
  return {
    transition: ConfChangeTransition.auto,
    changes: [{ type: change.type, nodeId: change.nodeId }],
    context: change.context,
  };
}

/** Reads the change of a `confChange` entry, or of a `confChangeV2` one. */
export function decodeConfChangeEntry(entry: Pick<Entry, "type" | "data">): ConfChangeV2 {
  return entry.type === EntryType.confChange
    ? asConfChangeV2(decodeConfChange(entry.data))
    : decodeConfChangeV2(entry.data);
}
