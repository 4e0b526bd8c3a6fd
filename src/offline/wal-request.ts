// SPDX-License-Identifier: Apache-2.0
//
// What an entry of the log asks for, of members of 3.4 to 3.7: every request is named and taken
// apart, also those that this program's server does not execute.

import { InternalRaftRequest, type RequestOp, type TxnRequest } from "../api/gen/etcdserverpb.ts";
import { WireError, WireReader } from "../base/wire-reader.ts";
import {
  type ConfChange,
  ConfChangeTransition,
  ConfChangeType,
  decodeConfChange,
  decodeConfChangeV2,
  type Entry,
  EntryType,
} from "../core/raft/index.ts";
import { type Shown, shownMessage } from "./wal-shown.ts";

/** A key or a range of keys, as requests name it. */
export interface KeySpan {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

/** An entry's data, decoded. */
export interface EntryRequest {
  /** Such as `put`, `auth-user-add`, `conf-change`; `empty` for a leader's first entry. */
  readonly kind: string;
  readonly fields: { readonly [field: string]: Shown };
  /** The keys that it reads or writes. */
  readonly spans: readonly KeySpan[];
}

const V2_KIND = "v2-request";
const UNKNOWN_KIND = "unknown";

/** Every kind that `entryRequest` gives. */
export const REQUEST_KINDS: readonly string[] = [
  "empty",
  "conf-change",
  "conf-change-v2",
  ...Object.keys(InternalRaftRequest.create()).flatMap((name) =>
    name === "ID" || name === "header" ? [] : [kebab(name)],
  ),
  V2_KIND,
  UNKNOWN_KIND,
];

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Never throws: what does not decode is said to be so, and its bytes are not shown. */
export function entryRequest({ type, data }: Pick<Entry, "type" | "data">): EntryRequest {
  try {
    if (type === EntryType.confChange) return changeRequest(decodeConfChange(data));
    if (type === EntryType.confChangeV2) return jointRequest(data);
    if (data.length === 0) return { kind: "empty", fields: {}, spans: [] };
    return normalRequest(data);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // It may hold a password, so nothing but its size is told.
    const fields = { bytes: data.length, problem: error.message };
    return { kind: UNKNOWN_KIND, fields, spans: [] };
  }
}

/** Why an entry could not be applied; undefined for one that can. Shows nothing, so it is quick. */
export function requestProblem(entry: Pick<Entry, "type" | "data">): string | undefined {
  if (entry.type === EntryType.normal && entry.data.length > 0) {
    try {
      const { ID: _id, header: _header, ...requests } = InternalRaftRequest.decode(entry.data);
      for (const request of Object.values(requests)) if (request !== undefined) return undefined;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  const { kind, fields } = entryRequest(entry);
  if (kind !== UNKNOWN_KIND) return undefined;
  return String(fields["problem"] ?? "it is of a later version");
}

function normalRequest(data: Uint8Array): EntryRequest {
  let message: InternalRaftRequest;
  try {
    message = InternalRaftRequest.decode(data);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // The path of a bare version 2 request never parses as the message of that field.
    return v2Request(new WireReader(data));
  }
  const { ID, header, ...requests } = message;
  const id = header?.ID ?? ID;
  const asked = Object.entries(requests).find(([, request]) => request !== undefined);
  const about: Record<string, Shown> = { id };
  if (header !== undefined && header.username !== "") {
    about["user"] = header.username;
    about["authRevision"] = header.authRevision;
  }
  if (asked === undefined) return wrappedRequest(data, about);
  const [name, request] = asked;
  const fields = { ...about, ...(request === undefined ? {} : shownMessage(request)) };
  return { kind: kebab(name), fields, spans: spansOf(message) };
}

/** A version 2 request in the field that 3.4 and 3.5 had for it, or something of a later version. */
function wrappedRequest(data: Uint8Array, about: Record<string, Shown>): EntryRequest {
  const reader = new WireReader(data);
  const unknown: number[] = [];
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === 0x12) return v2Request(reader.nested());
    if (tag >>> 3 !== 100 && tag >>> 3 !== 1) unknown.push(tag >>> 3);
    reader.skip(tag);
  }
  const fields = { ...about, bytes: data.length, unknownFields: unknown };
  return { kind: UNKNOWN_KIND, fields, spans: [] };
}

/** Where version 2 of etcd kept its users, with their hashed passwords. */
const V2_SECURITY_PATH = "/2/";

function v2Request(reader: WireReader): EntryRequest {
  const fields: Record<string, Shown> = {};
  let path = "";
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === 0x08) fields["id"] = reader.uint64();
    else if (tag === 0x12) fields["method"] = reader.string();
    else if (tag === 0x1a) {
      path = reader.string();
      fields["path"] = path;
    } else if (tag === 0x22 || tag === 0x32) {
      const text = reader.string();
      const shown = path.startsWith(V2_SECURITY_PATH) ? "***" : text;
      if (text !== "") fields[tag === 0x22 ? "value" : "previousValue"] = shown;
    } else reader.skip(tag);
  }
  if (fields["method"] === undefined) throw new WireError("a version 2 request has a method");
  return { kind: V2_KIND, fields, spans: [] };
}

const CHANGE_NAMES: Readonly<Record<ConfChangeType, string>> = {
  [ConfChangeType.addNode]: "add-voter",
  [ConfChangeType.removeNode]: "remove",
  [ConfChangeType.updateNode]: "update",
  [ConfChangeType.addLearner]: "add-learner",
};

const TRANSITION_NAMES: Readonly<Record<ConfChangeTransition, string>> = {
  [ConfChangeTransition.auto]: "auto",
  [ConfChangeTransition.jointImplicit]: "joint-implicit",
  [ConfChangeTransition.jointExplicit]: "joint-explicit",
};

function changeRequest({ id, type, nodeId, context }: ConfChange): EntryRequest {
  const fields: Record<string, Shown> = { id, change: CHANGE_NAMES[type], node: nodeId };
  if (context.length > 0) fields["context"] = new TextDecoder().decode(context);
  return { kind: "conf-change", fields, spans: [] };
}

function jointRequest(data: Uint8Array): EntryRequest {
  const { transition, changes, context } = decodeConfChangeV2(data);
  const fields: Record<string, Shown> = {
    transition: TRANSITION_NAMES[transition],
    changes: changes.map(({ type, nodeId }) => ({ change: CHANGE_NAMES[type], node: nodeId })),
  };
  if (context.length > 0) fields["context"] = context;
  return { kind: "conf-change-v2", fields, spans: [] };
}

function spansOf({ range, put, deleteRange, txn }: InternalRaftRequest): KeySpan[] {
  const spans: KeySpan[] = [];
  if (range !== undefined) spans.push(range);
  if (put !== undefined) spans.push({ key: put.key, rangeEnd: new Uint8Array(0) });
  if (deleteRange !== undefined) spans.push(deleteRange);
  if (txn !== undefined) addTxn(txn, spans);
  return spans;
}

function addTxn({ compare, success, failure }: TxnRequest, spans: KeySpan[]): void {
  spans.push(...compare);
  for (const operation of [...success, ...failure]) addOperation(operation, spans);
}

function addOperation(operation: RequestOp, spans: KeySpan[]): void {
  const { requestRange, requestPut, requestDeleteRange, requestTxn } = operation;
  if (requestRange !== undefined) spans.push(requestRange);
  if (requestPut !== undefined) spans.push({ key: requestPut.key, rangeEnd: new Uint8Array(0) });
  if (requestDeleteRange !== undefined) spans.push(requestDeleteRange);
  if (requestTxn !== undefined) addTxn(requestTxn, spans);
}
