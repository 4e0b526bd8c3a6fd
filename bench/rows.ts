// SPDX-License-Identifier: Apache-2.0

import {
  Compare_CompareResult,
  Compare_CompareTarget,
  KVService,
} from "../src/api/gen/etcdserverpb.ts";
import type { Init, MethodDescriptor } from "../src/api/message-codec.ts";
import type { Shape } from "./load.ts";

const keyBytes = 16;
const valueBytes = 256;
/** A flag and the length come before each gRPC message. */
const frameHeadBytes = 5;
const value = new Uint8Array(valueBytes).fill(0x76);

/** The `index`-th key of the key space, always 16 bytes. */
export function keyAt(index: number): Uint8Array {
  return new TextEncoder().encode(`bench-${String(index).padStart(keyBytes - 6, "0")}`);
}

/** A kind of request: where it goes and its bytes for a key. */
export interface Operation {
  readonly name: string;
  readonly path: string;
  /** Requests of this kind advance the revision by one each. */
  readonly isWrite: boolean;
  /** Good answers have at least so many bytes of gRPC message. */
  readonly answerBytesMin: number;
  /** A whole gRPC message: flag, length, protobuf. */
  readonly frame: (key: Uint8Array) => Uint8Array;
}

export interface Row {
  readonly name: string;
  readonly operation: Operation;
  readonly shape: Shape;
}

function operation<Q, R>(
  name: string,
  isWrite: boolean,
  method: MethodDescriptor<Q, R>,
  request: (key: Uint8Array) => Init<Q>,
): Operation {
  const frame = (key: Uint8Array): Uint8Array => grpcFrame(method.request.encode(request(key)));
  const answerBytesMin = isWrite ? frameHeadBytes + 1 : frameHeadBytes + keyBytes + valueBytes;
  return { name, isWrite, path: method.path, answerBytesMin, frame };
}

/** A message with gRPC's prefix: no compression, its length. */
export function grpcFrame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + frameHeadBytes);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, frameHeadBytes);
  return framed;
}

const put = operation("put", true, KVService.put, (key) => ({ key, value }));
const range = operation("range", false, KVService.range, (key) => ({ key }));
const serializable = operation("range-serializable", false, KVService.range, (key) => ({
  key,
  serializable: true,
}));
/** Compare and put; the compare holds whenever the key exists. */
const txn = operation("txn", true, KVService.txn, (key) => ({
  compare: [
    {
      key,
      target: Compare_CompareTarget.VERSION,
      result: Compare_CompareResult.GREATER,
      version: 0,
    },
  ],
  success: [{ requestPut: { key, value } }],
}));

export const operations: readonly Operation[] = [put, range, serializable, txn];

/** What neither the disk nor a quorum delays: it waits for the server's own work only. */
export const localRead: Operation = serializable;

/** What stores the keys before a row is measured. */
export const preload: Operation = put;

export const shapes: readonly Shape[] = [
  { connections: 1, inFlight: 1 },
  { connections: 100, inFlight: 1 },
  { connections: 100, inFlight: 10 },
];

export const allRows: readonly Row[] = operations.flatMap((each) =>
  shapes.map((shape) => ({
    name: `${each.name}/${shape.connections}x${shape.inFlight}`,
    operation: each,
    shape,
  })),
);

/** The rows whose name starts with one of the comma-separated words. */
export function selectRows(words: string | undefined): readonly Row[] {
  if (words === undefined) return allRows;
  const wanted = words.split(",").map((word) => word.trim());
  for (const word of wanted) {
    if (!allRows.some((row) => row.name.startsWith(word))) {
      throw new Error(`no row starts with ${JSON.stringify(word)}`);
    }
  }
  return allRows.filter((row) => wanted.some((word) => row.name.startsWith(word)));
}
