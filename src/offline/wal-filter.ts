// SPDX-License-Identifier: Apache-2.0

import type { DumpedRecord } from "./wal-record.ts";
import type { KeySpan } from "./wal-request.ts";

/** Which records of a log are shown: all that pass every condition given. */
export interface WalFilter {
  /** First and last index; a record without one does not pass. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly term?: number | undefined;
  /** Kinds of records and of requests, any of them. */
  readonly kinds?: readonly string[] | undefined;
  /** Entries that read or write a key with this beginning. */
  readonly prefix?: Uint8Array | undefined;
}

export function passes(record: DumpedRecord, filter: WalFilter): boolean {
  const { from, to, term, kinds, prefix } = filter;
  const { kind, request, index } = record;
  if (from !== undefined && !(index !== undefined && index >= from)) return false;
  if (to !== undefined && !(index !== undefined && index <= to)) return false;
  if (term !== undefined && record.term !== term) return false;
  if (kinds !== undefined && !kinds.some((name) => name === kind || name === request)) return false;
  return prefix === undefined || record.spans.some((span) => touches(span, prefix));
}

/** Whether a span has a key in it that begins with the prefix. */
function touches({ key, rangeEnd }: KeySpan, prefix: Uint8Array): boolean {
  if (startsWith(key, prefix)) return true;
  if (rangeEnd.length === 0 || Buffer.compare(key, prefix) > 0) return false;
  // The range begins before the prefix: it touches it when it ends behind it, or never.
  const isEndless = rangeEnd.length === 1 && rangeEnd[0] === 0;
  return isEndless || Buffer.compare(rangeEnd, prefix) > 0;
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return Buffer.compare(key.subarray(0, prefix.length), prefix) === 0;
}
