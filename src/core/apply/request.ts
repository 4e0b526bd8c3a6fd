// SPDX-License-Identifier: Apache-2.0

import {
  AlarmRequest,
  CompactionRequest,
  DeleteRangeRequest,
  LeaseCheckpointRequest,
  LeaseGrantRequest,
  LeaseRevokeRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import {
  ClusterMemberAttrSetRequest,
  ClusterVersionSetRequest,
  DowngradeInfoSetRequest,
} from "../../api/gen/membershippb.ts";
import { WireError, WireReader } from "../../base/wire-reader.ts";
import type { WireWriter } from "../../base/wire-writer.ts";
import type { MemberChange } from "../membership/index.ts";
import { decodeV2Request } from "./v2-request.ts";

/** The requests a normal entry can carry that this member executes. */
export type Request =
  | { readonly kind: "range"; readonly range: RangeRequest }
  | { readonly kind: "put"; readonly put: PutRequest }
  | { readonly kind: "deleteRange"; readonly deleteRange: DeleteRangeRequest }
  | { readonly kind: "txn"; readonly txn: TxnRequest }
  | { readonly kind: "compaction"; readonly compaction: CompactionRequest }
  | { readonly kind: "leaseGrant"; readonly grant: LeaseGrantRequest }
  | { readonly kind: "leaseRevoke"; readonly id: bigint }
  | { readonly kind: "leaseCheckpoint"; readonly checkpoint: LeaseCheckpointRequest }
  | { readonly kind: "alarm"; readonly alarm: AlarmRequest }
  | { readonly kind: "clusterVersionSet"; readonly version: string }
  | { readonly kind: "clusterMemberAttrSet"; readonly attributes: ClusterMemberAttrSetRequest }
  | { readonly kind: "downgradeInfoSet"; readonly downgrade: DowngradeInfoSetRequest }
  | { readonly kind: "downgradeVersionTest" }
  /** About keys of the version 2 API, in logs of 3.4 and 3.5: changes nothing. */
  | { readonly kind: "v2Keys" }
  /** Travels as a conf change of its own type, not as a normal entry. */
  | { readonly kind: "memberChange"; readonly change: MemberChange }
  | { readonly kind: "unsupported"; readonly field: number };

export type RequestKind = Exclude<Request["kind"], "v2Keys" | "memberChange" | "unsupported">;

/** Field numbers of `InternalRaftRequest` (formats-raft-entries G.4). */
const fields: Readonly<Record<RequestKind, number>> = {
  range: 3,
  put: 4,
  deleteRange: 5,
  txn: 6,
  compaction: 7,
  leaseGrant: 8,
  leaseRevoke: 9,
  alarm: 10,
  leaseCheckpoint: 11,
  clusterVersionSet: 1300,
  clusterMemberAttrSet: 1301,
  downgradeInfoSet: 1302,
  downgradeVersionTest: 9900,
};
const V2_FIELD = 2;
const HEADER_FIELD = 100;
const LEGACY_ID_FIELD = 1;

/** A 64-bit ID as two unsigned halves. */
export interface IdHalves {
  readonly low: number;
  readonly high: number;
}

/**
 * Writes the entry data of a request: its encoded message, taken as it is, and a header with the
 * ID. Fields go out in ascending order, as Go writes them. Answers where the message starts.
 */
export function writeRequest(
  writer: WireWriter,
  kind: RequestKind,
  message: Uint8Array,
  id: IdHalves,
): number {
  const field = fields[kind];
  if (field > HEADER_FIELD) writeHeader(writer, id);
  writer.uint32((field << 3) | 2);
  writer.uint32(message.length);
  const start = writer.length;
  writer.raw(message);
  if (field < HEADER_FIELD) writeHeader(writer, id);
  return start;
}

function writeHeader(writer: WireWriter, { low, high }: IdHalves): void {
  writer.uint32((HEADER_FIELD << 3) | 2);
  const start = writer.open();
  writer.uint32(8);
  writer.varint64(low, high);
  writer.close(start);
}

export interface DecodedRequest {
  readonly id: bigint;
  readonly request: Request;
}

/**
 * Reads entry data, of members of 3.4 and 3.5 too; throws `WireError` on bytes that no member can
 * have proposed.
 */
export function decodeRequest(data: Uint8Array): DecodedRequest {
  try {
    return decodeInternal(data);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // The path of a bare version 2 request never parses as the message of that field.
    return decodeV2Request(data);
  }
}

function decodeInternal(data: Uint8Array): DecodedRequest {
  const reader = new WireReader(data);
  let id = 0n;
  let request: Request | undefined;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if ((tag & 7) !== 2) {
      if (field === LEGACY_ID_FIELD && (tag & 7) === 0) {
        const legacy = reader.uint64();
        if (id === 0n) id = legacy;
      } else reader.skip(tag);
    } else if (field === HEADER_FIELD) id = readHeaderId(reader.nested()) || id;
    else request = readField(field, reader.wrapped());
  }
  return { id, request: request ?? { kind: "unsupported", field: 0 } };
}

function readHeaderId(reader: WireReader): bigint {
  let id = 0n;
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === 8) id = reader.uint64();
    else reader.skip(tag);
  }
  return id;
}

/** Reads the message of one kind of request. Byte fields share memory with `message`. */
export function readRequest(kind: RequestKind, message: Uint8Array): Request {
  return readField(fields[kind], new WireReader(message));
}

function readField(field: number, body: WireReader): Request {
  switch (field) {
    case fields.range:
      return { kind: "range", range: RangeRequest.read(body) };
    case fields.put:
      return { kind: "put", put: PutRequest.read(body) };
    case fields.deleteRange:
      return { kind: "deleteRange", deleteRange: DeleteRangeRequest.read(body) };
    case fields.txn:
      return { kind: "txn", txn: TxnRequest.read(body) };
    case fields.compaction:
      return { kind: "compaction", compaction: CompactionRequest.read(body) };
    case fields.leaseGrant:
      return { kind: "leaseGrant", grant: LeaseGrantRequest.read(body) };
    case fields.leaseRevoke:
      return { kind: "leaseRevoke", id: LeaseRevokeRequest.read(body).ID };
    case fields.alarm:
      return { kind: "alarm", alarm: AlarmRequest.read(body) };
    case fields.leaseCheckpoint:
      return { kind: "leaseCheckpoint", checkpoint: LeaseCheckpointRequest.read(body) };
    case fields.clusterVersionSet:
      return { kind: "clusterVersionSet", version: ClusterVersionSetRequest.read(body).ver };
    case fields.clusterMemberAttrSet:
      return { kind: "clusterMemberAttrSet", attributes: ClusterMemberAttrSetRequest.read(body) };
    case fields.downgradeInfoSet:
      return { kind: "downgradeInfoSet", downgrade: DowngradeInfoSetRequest.read(body) };
    case fields.downgradeVersionTest:
      return { kind: "downgradeVersionTest" };
    case V2_FIELD:
      return decodeV2Request(body.buffer.subarray(body.position, body.end)).request;
    default:
      return { kind: "unsupported", field };
  }
}
