// SPDX-License-Identifier: Apache-2.0
// Answers of the KV service, written straight from stored bytes: a pair is spliced in, never
// decoded. Field numbers are those of proto/rpc.proto.

import { unreachable } from "../../base/invariant.ts";
import type { WireWriter } from "../../base/wire-writer.ts";
import type {
  DeleteRangeResult,
  KvProjection,
  OperationResult,
  PutResult,
  RangeResult,
  TxnResult,
} from "../../core/apply/index.ts";
import type { KvView } from "../../core/mvcc/index.ts";
import { writeInnerHeader } from "./response-header.ts";

const LENGTH_DELIMITED = 2;
/** A response of an operation within that of a transaction. */
export const TAG_RESPONSE = (3 << 3) | LENGTH_DELIMITED;
const TAG_PAIR = (2 << 3) | LENGTH_DELIMITED;

function tag(field: number): number {
  return (field << 3) | LENGTH_DELIMITED;
}

/** Everything of an answer behind its header. */
export function writeResultBody(writer: WireWriter, result: OperationResult): void {
  switch (result.kind) {
    case "range":
      return writeRange(writer, result);
    case "put":
      return writePut(writer, result);
    case "deleteRange":
      return writeDeleteRange(writer, result);
    case "txn":
      return writeTxn(writer, result);
    default:
      unreachable(result);
  }
}

function writeRange(writer: WireWriter, result: RangeResult): void {
  for (const kv of result.kvs) writeKv(writer, 2, kv, result.projection);
  writeRangeEnd(writer, result);
}

/** A pair of a range as it is stored. */
export function writePair(
  writer: WireWriter,
  buffer: Uint8Array,
  start: number,
  end: number,
): void {
  writer.uint32(TAG_PAIR);
  writer.slice(buffer, start, end);
}

/** The pairs of a range from one place in its list to another. */
export function writePairs(
  writer: WireWriter,
  { kvs, projection }: Pick<RangeResult, "kvs" | "projection">,
  from: number,
  to: number,
): void {
  for (let at = from; at < to; at++) {
    const kv = kvs[at];
    if (kv !== undefined) writeKv(writer, 2, kv, projection);
  }
}

/** What comes behind the pairs of a range. */
export function writeRangeEnd(
  writer: WireWriter,
  result: Pick<RangeResult, "more" | "count">,
): void {
  if (result.more) {
    writer.uint32(0x18);
    writer.bool(true);
  }
  if (result.count !== 0) {
    writer.uint32(0x20);
    writer.number64(result.count);
  }
}

function writePut(writer: WireWriter, result: PutResult): void {
  if (result.previous !== undefined) writeKv(writer, 2, result.previous, "full");
}

function writeDeleteRange(writer: WireWriter, result: DeleteRangeResult): void {
  if (result.deleted !== 0) {
    writer.uint32(0x10);
    writer.number64(result.deleted);
  }
  for (const kv of result.previous) writeKv(writer, 3, kv, "full");
}

function writeTxn(writer: WireWriter, result: TxnResult): void {
  writeSucceeded(writer, result.succeeded);
  for (const response of result.responses) {
    writer.uint32(TAG_RESPONSE);
    const operation = writer.open();
    writer.uint32(operationTag(response.kind));
    const body = writer.open();
    writeInnerHeader(writer, response.revision);
    writeResultBody(writer, response);
    writer.close(body);
    writer.close(operation);
  }
}

export function writeSucceeded(writer: WireWriter, succeeded: boolean): void {
  if (!succeeded) return;
  writer.uint32(0x10);
  writer.bool(true);
}

/** What names the kind of an operation's response. */
export function operationTag(kind: OperationResult["kind"]): number {
  switch (kind) {
    case "range":
      return tag(1);
    case "put":
      return tag(2);
    case "deleteRange":
      return tag(3);
    case "txn":
      return tag(4);
    default:
      return unreachable(kind);
  }
}

function writeKv(writer: WireWriter, field: number, kv: KvView, projection: KvProjection): void {
  writer.uint32(tag(field));
  if (projection === "full") {
    writer.slice(kv.buffer, kv.start, kv.end);
    return;
  }
  const start = writer.open();
  writer.uint32(tag(1));
  writer.bytes(kv.key);
  writer.uint32(0x10);
  writer.number64(kv.createRevision);
  writer.uint32(0x18);
  writer.number64(kv.modRevision);
  writer.uint32(0x20);
  writer.number64(kv.version);
  if (projection === "withoutValue" && kv.lease !== 0n) {
    writer.uint32(0x30);
    writer.bigint64(kv.lease);
  }
  writer.close(start);
}
