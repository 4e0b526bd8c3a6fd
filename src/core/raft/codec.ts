// SPDX-License-Identifier: Apache-2.0
// Bytes of the raft messages, as etcd 3.7 writes them: proto2 with a field present when it was
// set. A normal entry has no type, an empty one no data; hard states and configuration states
// carry their zeros. Older members write every zero, which the readers take as well.
//
// Written by hand because an entry is coded several times on the way of every write.

import { varintBytes } from "../../base/varint.ts";
import { WireError, type WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import {
  type ConfState,
  draftMessage,
  EMPTY_CONF_STATE,
  type Entry,
  EntryType,
  type HardState,
  type Message,
  type MessageDraft,
  MessageType,
  NO_BYTES,
  NONE,
  type Snapshot,
  type SnapshotMetadata,
} from "./types.ts";

// A tag is the field number shifted by three, plus 0 for a varint and 2 for bytes.
const VARINT_1 = 8;
const BYTES_1 = 10;
const VARINT_2 = 16;
const BYTES_2 = 18;
const VARINT_3 = 24;
const VARINT_4 = 32;
const BYTES_4 = 34;
const VARINT_5 = 40;

/** A counter of the wire. Beyond 2^53 it could not be counted on, so it is refused. */
export function readCounter(reader: WireReader): number {
  const value = reader.uint64Number();
  if (value > Number.MAX_SAFE_INTEGER) throw new WireError("counter beyond 2^53");
  return value;
}

/** Encodes what `write` writes into bytes of its own. */
export function encoded<T>(write: (value: T, writer: WireWriter) => void, value: T): Uint8Array {
  const writer = new WireWriter();
  write(value, writer);
  return writer.copy();
}

/** Writes the entry's fields without a length. */
export function encodeEntry(entry: Entry, writer: WireWriter): void {
  if (entry.type !== 0) {
    writer.uint32(VARINT_1);
    writer.uint32(entry.type);
  }
  if (entry.term !== 0) {
    writer.uint32(VARINT_2);
    writer.number64(entry.term);
  }
  if (entry.index !== 0) {
    writer.uint32(VARINT_3);
    writer.number64(entry.index);
  }
  if (entry.data.length !== 0) {
    writer.uint32(BYTES_4);
    writer.bytes(entry.data);
  }
}

/** Reads an entry up to the reader's end. Its data shares memory with the input. */
export function decodeEntry(reader: WireReader): Entry {
  let type: EntryType = EntryType.normal;
  let term = 0;
  let index = 0;
  let data = NO_BYTES;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === BYTES_4) data = reader.bytes();
    else if (tag === VARINT_3) index = readCounter(reader);
    else if (tag === VARINT_2) term = readCounter(reader);
    else if (tag === VARINT_1) type = entryType(reader.uint32());
    else reader.skip(tag);
  }
  return { type, term, index, data };
}

function entryType(value: number): EntryType {
  if (value === 0 || value === 1 || value === 2) return value;
  throw new WireError(`unknown entry type ${value}`);
}

/** The encoded size in bytes: what limits on sizes of entries are measured in. */
export function entrySize(entry: Entry): number {
  let size = entry.type === 0 ? 0 : 2;
  if (entry.term !== 0) size += 1 + varintBytes(entry.term);
  if (entry.index !== 0) size += 1 + varintBytes(entry.index);
  const length = entry.data.length;
  if (length !== 0) size += 1 + varintBytes(length) + length;
  return size;
}

/** All three fields are written, zeros too. */
export function encodeHardState(state: HardState, writer: WireWriter): void {
  writer.uint32(VARINT_1);
  writer.number64(state.term);
  writer.uint32(VARINT_2);
  writer.bigint64(state.vote);
  writer.uint32(VARINT_3);
  writer.number64(state.commit);
}

export function decodeHardState(reader: WireReader): HardState {
  let term = 0;
  let vote = NONE;
  let commit = 0;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === VARINT_1) term = readCounter(reader);
    else if (tag === VARINT_2) vote = reader.uint64();
    else if (tag === VARINT_3) commit = readCounter(reader);
    else reader.skip(tag);
  }
  return { term, vote, commit };
}

function writeIds(tag: number, ids: readonly bigint[], writer: WireWriter): void {
  for (const id of ids) {
    writer.uint32(tag);
    writer.bigint64(id);
  }
}

/** Identities are written one by one (unpacked), and autoLeave always. */
export function encodeConfState(state: ConfState, writer: WireWriter): void {
  writeIds(VARINT_1, state.voters, writer);
  writeIds(VARINT_2, state.learners, writer);
  writeIds(VARINT_3, state.votersOutgoing, writer);
  writeIds(VARINT_4, state.learnersNext, writer);
  writer.uint32(VARINT_5);
  writer.bool(state.autoLeave);
}

/** Takes lists of identities packed and unpacked. */
export function decodeConfState(reader: WireReader): ConfState {
  const lists: [bigint[], bigint[], bigint[], bigint[]] = [[], [], [], []];
  let autoLeave = false;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    const list = lists[(tag >>> 3) - 1];
    if (tag === VARINT_5) autoLeave = reader.bool();
    else if (list !== undefined && (tag & 7) === 0) list.push(reader.uint64());
    else if (list !== undefined && (tag & 7) === 2) {
      const packed = reader.nested();
      while (packed.position < packed.end) list.push(packed.uint64());
    } else reader.skip(tag);
  }
  const [voters, learners, votersOutgoing, learnersNext] = lists;
  return { voters, learners, votersOutgoing, learnersNext, autoLeave };
}

function writeMetadata(metadata: SnapshotMetadata, writer: WireWriter): void {
  writer.uint32(BYTES_1);
  const start = writer.open();
  encodeConfState(metadata.confState, writer);
  writer.close(start);
  writer.uint32(VARINT_2);
  writer.number64(metadata.index);
  writer.uint32(VARINT_3);
  writer.number64(metadata.term);
}

function readMetadata(reader: WireReader): SnapshotMetadata {
  let confState = EMPTY_CONF_STATE;
  let index = 0;
  let term = 0;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === BYTES_1) confState = decodeConfState(reader.nested());
    else if (tag === VARINT_2) index = readCounter(reader);
    else if (tag === VARINT_3) term = readCounter(reader);
    else reader.skip(tag);
  }
  return { confState, index, term };
}

export function encodeSnapshot(snapshot: Snapshot, writer: WireWriter): void {
  if (snapshot.data.length !== 0) {
    writer.uint32(BYTES_1);
    writer.bytes(snapshot.data);
  }
  writer.uint32(BYTES_2);
  const start = writer.open();
  writeMetadata(snapshot.metadata, writer);
  writer.close(start);
}

/** The data shares memory with the input. */
export function decodeSnapshot(reader: WireReader): Snapshot {
  let data = NO_BYTES;
  let metadata: SnapshotMetadata = { confState: EMPTY_CONF_STATE, index: 0, term: 0 };
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === BYTES_1) data = reader.bytes();
    else if (tag === BYTES_2) metadata = readMetadata(reader.nested());
    else reader.skip(tag);
  }
  return { data, metadata };
}

function writeCounter(tag: number, value: number, writer: WireWriter): void {
  if (value === 0) return;
  writer.uint32(tag);
  writer.number64(value);
}

function writeId(tag: number, value: bigint, writer: WireWriter): void {
  if (value === NONE) return;
  writer.uint32(tag);
  writer.bigint64(value);
}

const MESSAGE = {
  type: VARINT_1,
  to: VARINT_2,
  from: VARINT_3,
  term: VARINT_4,
  logTerm: VARINT_5,
  index: (6 << 3) | 0,
  entries: (7 << 3) | 2,
  commit: (8 << 3) | 0,
  snapshot: (9 << 3) | 2,
  reject: (10 << 3) | 0,
  rejectHint: (11 << 3) | 0,
  context: (12 << 3) | 2,
  vote: (13 << 3) | 0,
  responses: (14 << 3) | 2,
} as const;

/** Zero fields other than the type are left out. */
export function encodeMessage(message: Message, writer: WireWriter): void {
  writer.uint32(MESSAGE.type);
  writer.uint32(message.type);
  writeId(MESSAGE.to, message.to, writer);
  writeId(MESSAGE.from, message.from, writer);
  writeCounter(MESSAGE.term, message.term, writer);
  writeCounter(MESSAGE.logTerm, message.logTerm, writer);
  writeCounter(MESSAGE.index, message.index, writer);
  for (const entry of message.entries) writeNested(MESSAGE.entries, encodeEntry, entry, writer);
  writeCounter(MESSAGE.commit, message.commit, writer);
  if (message.snapshot !== undefined) {
    writeNested(MESSAGE.snapshot, encodeSnapshot, message.snapshot, writer);
  }
  if (message.reject) {
    writer.uint32(MESSAGE.reject);
    writer.bool(true);
  }
  writeCounter(MESSAGE.rejectHint, message.rejectHint, writer);
  if (message.context !== undefined) {
    writer.uint32(MESSAGE.context);
    writer.bytes(message.context);
  }
  writeId(MESSAGE.vote, message.vote, writer);
  for (const response of message.responses ?? []) {
    writeNested(MESSAGE.responses, encodeMessage, response, writer);
  }
}

function writeNested<T>(
  tag: number,
  write: (value: T, writer: WireWriter) => void,
  value: T,
  writer: WireWriter,
): void {
  writer.uint32(tag);
  const start = writer.open();
  write(value, writer);
  writer.close(start);
}

/** Responses do not travel between members; what nests them deeper than this is an attack. */
const RESPONSE_DEPTH_MAX = 1;

/** Entries, snapshot and context share memory with the input. */
export function decodeMessage(reader: WireReader, depth = 0): Message {
  if (depth > RESPONSE_DEPTH_MAX) throw new WireError("raft message nested too deeply");
  const entries: Entry[] = [];
  const responses: Message[] = [];
  const message = draftMessage(MessageType.MsgHup, NONE);
  message.entries = entries;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === MESSAGE.entries) entries.push(decodeEntry(reader.nested()));
    else if (tag === MESSAGE.responses) {
      responses.push(decodeMessage(reader.nested(), depth + 1));
    } else readMessageField(message, tag, reader);
  }
  if (responses.length > 0) message.responses = responses;
  return message;
}

function readMessageField(message: MessageDraft, tag: number, reader: WireReader): void {
  switch (tag) {
    case MESSAGE.type:
      message.type = messageType(reader.uint32());
      return;
    case MESSAGE.to:
      message.to = reader.uint64();
      return;
    case MESSAGE.from:
      message.from = reader.uint64();
      return;
    case MESSAGE.term:
      message.term = readCounter(reader);
      return;
    case MESSAGE.logTerm:
      message.logTerm = readCounter(reader);
      return;
    case MESSAGE.index:
      message.index = readCounter(reader);
      return;
    case MESSAGE.commit:
      message.commit = readCounter(reader);
      return;
    case MESSAGE.snapshot:
      message.snapshot = decodeSnapshot(reader.nested());
      return;
    case MESSAGE.reject:
      message.reject = reader.bool();
      return;
    case MESSAGE.rejectHint:
      message.rejectHint = readCounter(reader);
      return;
    case MESSAGE.context:
      message.context = reader.bytes();
      return;
    case MESSAGE.vote:
      message.vote = reader.uint64();
      return;
    default:
      reader.skip(tag);
  }
}

const MESSAGE_TYPES: ReadonlyMap<number, MessageType> = new Map(
  Object.values(MessageType).map((type) => [type, type]),
);

function messageType(value: number): MessageType {
  const type = MESSAGE_TYPES.get(value);
  if (type === undefined) throw new WireError(`unknown raft message type ${value}`);
  return type;
}

export {
  asConfChangeV2,
  decodeConfChange,
  decodeConfChangeEntry,
  decodeConfChangeV2,
  encodeConfChange,
  encodeConfChangeV2,
} from "./conf-change-codec.ts";
