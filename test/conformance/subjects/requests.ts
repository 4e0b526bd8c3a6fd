// SPDX-License-Identifier: Apache-2.0
// Short ways to write requests, with keys and values as text.

import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  type DeleteRangeRequest,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  type TxnRequest,
} from "../../../src/api/gen/etcdserverpb.ts";
import type { KeyValue } from "../../../src/api/gen/mvccpb.ts";
import type { Init } from "../../../src/api/message-codec.ts";

export type Bytes = string | Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytes(text: Bytes): Uint8Array {
  return typeof text === "string" ? encoder.encode(text) : text;
}

export function text(content: Uint8Array | undefined): string | undefined {
  return content === undefined ? undefined : decoder.decode(content);
}

/** `[NUL, NUL)`, which means every key. */
export const everything = { rangeEnd: "\0" } as const;

export type RangeOptions = Omit<Init<RangeRequest>, "key" | "rangeEnd"> & {
  readonly rangeEnd?: Bytes;
};
export type PutOptions = Omit<Init<PutRequest>, "key" | "value">;
export type DeleteOptions = { readonly rangeEnd?: Bytes; readonly prevKv?: boolean };

export function rangeRequest(key: Bytes, options: RangeOptions = {}): Init<RangeRequest> {
  const { rangeEnd = "", ...more } = options;
  return { key: bytes(key), rangeEnd: bytes(rangeEnd), ...more };
}

export function putRequest(key: Bytes, value: Bytes, options: PutOptions = {}): Init<PutRequest> {
  return { key: bytes(key), value: bytes(value), ...options };
}

export function deleteRequest(key: Bytes, options: DeleteOptions = {}): Init<DeleteRangeRequest> {
  return { key: bytes(key), rangeEnd: bytes(options.rangeEnd ?? ""), prevKv: options.prevKv };
}

type Op = Init<RequestOp>;

/** The operations of a txn. */
export const op = {
  range: (key: Bytes, options: RangeOptions = {}): Op => ({
    requestRange: rangeRequest(key, options),
  }),
  put: (key: Bytes, value: Bytes = "v", options: PutOptions = {}): Op => ({
    requestPut: putRequest(key, value, options),
  }),
  del: (key: Bytes, options: DeleteOptions = {}): Op => ({
    requestDeleteRange: deleteRequest(key, options),
  }),
  txn: (txn: Init<TxnRequest>): Op => ({ requestTxn: txn }),
} as const;

const results = {
  "=": Compare_CompareResult.EQUAL,
  ">": Compare_CompareResult.GREATER,
  "<": Compare_CompareResult.LESS,
  "!=": Compare_CompareResult.NOT_EQUAL,
} as const;

type Relation = keyof typeof results;
type Comparison = Init<Compare>;

function comparison(key: Bytes, relation: Relation, target: number, rangeEnd: Bytes): Comparison {
  return { key: bytes(key), result: results[relation], target, rangeEnd: bytes(rangeEnd) };
}

/** The compares of a txn; `rangeEnd` compares every key of a range. */
export const when = {
  version: (key: Bytes, relation: Relation, version: number, rangeEnd: Bytes = ""): Comparison => ({
    ...comparison(key, relation, Compare_CompareTarget.VERSION, rangeEnd),
    version,
  }),
  created: (key: Bytes, relation: Relation, at: number, rangeEnd: Bytes = ""): Comparison => ({
    ...comparison(key, relation, Compare_CompareTarget.CREATE, rangeEnd),
    createRevision: at,
  }),
  modified: (key: Bytes, relation: Relation, at: number, rangeEnd: Bytes = ""): Comparison => ({
    ...comparison(key, relation, Compare_CompareTarget.MOD, rangeEnd),
    modRevision: at,
  }),
  value: (key: Bytes, relation: Relation, value: Bytes, rangeEnd: Bytes = ""): Comparison => ({
    ...comparison(key, relation, Compare_CompareTarget.VALUE, rangeEnd),
    value: bytes(value),
  }),
  lease: (key: Bytes, relation: Relation, lease: bigint, rangeEnd: Bytes = ""): Comparison => ({
    ...comparison(key, relation, Compare_CompareTarget.LEASE, rangeEnd),
    lease,
  }),
  /** A compare that names what to compare and leaves out what with. */
  bare: (key: Bytes, relation: Relation, target: number): Comparison =>
    comparison(key, relation, target, ""),
} as const;

/** A pair with text instead of bytes. */
export interface Pair {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly lease: bigint;
}

export function pair(kv: KeyValue | undefined): Pair | undefined {
  if (kv === undefined) return undefined;
  const { createRevision, modRevision, version, lease } = kv;
  const key = decoder.decode(kv.key);
  return { key, value: decoder.decode(kv.value), createRevision, modRevision, version, lease };
}

export function keysOf(answer: { readonly kvs: readonly KeyValue[] } | undefined): string[] {
  return (answer?.kvs ?? []).map((kv) => decoder.decode(kv.key));
}

export function valuesOf(answer: { readonly kvs: readonly KeyValue[] } | undefined): string[] {
  return (answer?.kvs ?? []).map((kv) => decoder.decode(kv.value));
}
