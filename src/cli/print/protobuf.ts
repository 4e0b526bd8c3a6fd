// SPDX-License-Identifier: Apache-2.0

import {
  AlarmResponse,
  DeleteRangeResponse,
  MemberListResponse,
  MoveLeaderResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  TxnResponse,
  WatchResponse,
} from "../../api/gen/etcdserverpb.ts";
import type { Printer } from "./printable.ts";

/** The answer's bytes on the wire, one after the other without a mark in between. */
export function protobufPrinter(): Printer {
  return {
    get: (response) => RangeResponse.encode(response),
    put: (response) => PutResponse.encode(response),
    del: (response) => DeleteRangeResponse.encode(response),
    txn: (response) => TxnResponse.encode(response),
    watch: ({ header, events, compactRevision, canceled, created }) =>
      WatchResponse.encode({ header, events, compactRevision, canceled, created }),
    memberList: (response) => MemberListResponse.encode(response),
    alarm: (response) => AlarmResponse.encode(response),
    moveLeader: ({ response }) => MoveLeaderResponse.encode(response),
    // The client library's types for these are no messages but for their header.
    leaseGrant: ({ header }) => ResponseHeader.encode(header ?? {}),
    leaseTimeToLive: ({ response }) => ResponseHeader.encode(response.header ?? {}),
    leaseList: ({ header }) => ResponseHeader.encode(header ?? {}),
    leaseKeepAlive: ({ header }) => ResponseHeader.encode(header ?? {}),
  };
}
