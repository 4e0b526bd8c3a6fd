// SPDX-License-Identifier: Apache-2.0

import type {
  AlarmResponse,
  DeleteRangeResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseTimeToLiveResponse,
  MemberListResponse,
  MoveLeaderResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  StatusResponse,
  TxnResponse,
  WatchResponse,
} from "../../api/gen/etcdserverpb.ts";

/** What the health of one endpoint came to; `took` is a Go duration, `error` empty when healthy. */
export interface EndpointHealth {
  readonly endpoint: string;
  readonly health: boolean;
  readonly took: string;
  readonly error: string;
}

export interface EndpointStatus {
  readonly endpoint: string;
  readonly status: StatusResponse;
}

export interface EndpointHashKv {
  readonly endpoint: string;
  readonly hashKv: HashKVResponse;
}

export interface LeaseRevoked {
  readonly id: bigint;
  readonly header: ResponseHeader | undefined;
}

export interface LeaseTimeToLive {
  readonly response: LeaseTimeToLiveResponse;
  /** Whether the keys were asked for. */
  readonly keys: boolean;
}

export interface LeaderMoved {
  readonly from: bigint;
  readonly to: bigint;
  readonly response: MoveLeaderResponse;
}

/** The output of one kind of answer. */
export type Print<T> = (value: T) => string | Uint8Array;

/**
 * Turns answers into output in one format. A method that is missing means that the format does
 * not exist for that answer.
 */
export interface Printer {
  readonly get?: Print<RangeResponse>;
  readonly put?: Print<PutResponse>;
  readonly del?: Print<DeleteRangeResponse>;
  readonly txn?: Print<TxnResponse>;
  readonly watch?: Print<WatchResponse>;
  readonly leaseGrant?: Print<LeaseGrantResponse>;
  readonly leaseRevoke?: Print<LeaseRevoked>;
  readonly leaseTimeToLive?: Print<LeaseTimeToLive>;
  readonly leaseList?: Print<LeaseLeasesResponse>;
  readonly leaseKeepAlive?: Print<LeaseKeepAliveResponse>;
  readonly memberList?: Print<MemberListResponse>;
  readonly alarm?: Print<AlarmResponse>;
  readonly moveLeader?: Print<LeaderMoved>;
  readonly endpointHealth?: Print<readonly EndpointHealth[]>;
  readonly endpointStatus?: Print<readonly EndpointStatus[]>;
  readonly endpointHashKv?: Print<readonly EndpointHashKv[]>;
}

export interface PrintOptions {
  readonly hex: boolean;
  /** Only for `get` in the simple format. */
  readonly valueOnly: boolean;
}
