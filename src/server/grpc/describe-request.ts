// SPDX-License-Identifier: Apache-2.0

import type { RangeRequest, TxnRequest } from "../../api/gen/etcdserverpb.ts";

/** As much of a request as a log line needs. Values are told by their size alone. */
export type Describable =
  | { readonly kind: "range"; readonly range: RangeRequest }
  | { readonly kind: "txn"; readonly txn: TxnRequest }
  | { readonly kind: "write"; readonly name: string; readonly bytes: number }
  | { readonly kind: "compaction"; readonly physical: boolean };

export interface RequestDescription {
  readonly bytes: number;
  readonly text: string;
}

function quote(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString("utf8"));
}

/** A short text for logs. */
export function describeRequest(request: Describable): RequestDescription {
  switch (request.kind) {
    case "range": {
      const { key, rangeEnd, limit, revision } = request.range;
      const parts = [`key:${quote(key)}`];
      if (rangeEnd.length > 0) parts.push(`range_end:${quote(rangeEnd)}`);
      if (limit !== 0) parts.push(`limit:${limit}`);
      if (revision !== 0) parts.push(`revision:${revision}`);
      return { bytes: key.length + rangeEnd.length, text: parts.join(" ") };
    }
    case "txn": {
      const { compare, success, failure } = request.txn;
      const counts = `compare:${compare.length} success:${success.length}`;
      return { bytes: 0, text: `${counts} failure:${failure.length}` };
    }
    case "compaction":
      return { bytes: 0, text: `compaction physical:${request.physical}` };
    default:
      return { bytes: request.bytes, text: `${request.name} size:${request.bytes}` };
  }
}
