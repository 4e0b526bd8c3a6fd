// SPDX-License-Identifier: Apache-2.0

import type { Request } from "../../core/apply/index.ts";

function quote(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString("utf8"));
}

function interval(key: Uint8Array, rangeEnd: Uint8Array): string {
  const start = `key:${quote(key)}`;
  return rangeEnd.length === 0 ? start : `${start} range_end:${quote(rangeEnd)}`;
}

/** A request for a log line. Values are told by their size alone. */
export function describeRequest(request: Request): string {
  switch (request.kind) {
    case "range": {
      const { key, rangeEnd, limit, revision } = request.range;
      const limitText = limit === 0 ? "" : ` limit:${limit}`;
      const revisionText = revision === 0 ? "" : ` revision:${revision}`;
      return `${interval(key, rangeEnd)}${limitText}${revisionText}`;
    }
    case "put":
      return `key:${quote(request.put.key)} value_size:${request.put.value.length}`;
    case "deleteRange":
      return interval(request.deleteRange.key, request.deleteRange.rangeEnd);
    case "txn": {
      const { compare, success, failure } = request.txn;
      return `compare:${compare.length} success:${success.length} failure:${failure.length}`;
    }
    case "compaction": {
      const { revision, physical } = request.compaction;
      return `revision:${revision} physical:${physical}`;
    }
    default:
      return request.kind;
  }
}
