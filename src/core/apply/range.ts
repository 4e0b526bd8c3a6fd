// SPDX-License-Identifier: Apache-2.0

import {
  type RangeRequest,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../api/gen/etcdserverpb.ts";
import { compareBytes } from "../../base/bytes.ts";
import type { KvView, RangeOptions, StoreRange } from "../mvcc/index.ts";
import { type ErrorResult, failed, type KvProjection, type RangeResult } from "./result.ts";
import type { PairOrder } from "./sorted-pairs.ts";

/** What a range reads from: the store, or a write transaction that sees its own changes. */
export interface RangeSource {
  range(key: Uint8Array, end: Uint8Array, options: RangeOptions): StoreRange;
}

/** Executes a range: selection, revision filters, sorting, limit and projection, in that order. */
export function executeRange(
  source: RangeSource,
  request: RangeRequest,
): RangeResult | ErrorResult {
  const filtered = hasFilters(request);
  const sorted = request.sortOrder !== SortOrder.NONE;
  // With filters or an explicit order the limit counts what is left, so everything is read.
  // Without, the index scan stops one past the limit, which tells whether there is more.
  const scanLimit = filtered || sorted || request.limit <= 0 ? 0 : request.limit + 1;
  const projection = projectionOf(request);
  const selected = source.range(request.key, request.rangeEnd, {
    revision: request.revision,
    limit: scanLimit,
    countOnly: request.countOnly,
    keysOnly: projection === "indexOnly",
  });
  if (selected.kind === "compacted") return failed("compacted");
  if (selected.kind === "future") return failed("futureRevision");
  return finishRange(request, selected);
}

/** What was selected; without filters and order it may end at the limit already. */
interface Selected {
  readonly kvs: readonly KvView[];
  readonly count: number;
  readonly revision: number;
}

/** Filters, sorts and limits what was selected. */
export function finishRange(request: RangeRequest, selected: Selected): RangeResult {
  const filtered = hasFilters(request);
  const passing = filtered ? selected.kvs.filter((kv) => passes(kv, request)) : selected.kvs;
  const compare = orderOf(request);
  const kvs = compare === undefined ? passing : passing.toSorted(compare);
  return limited(request, selected, kvs, kvs.length);
}

/** The answer, of `pairs` pairs that passed and stand in order; perhaps only some are in `kvs`. */
export function limited(
  request: RangeRequest,
  { count, revision }: Pick<Selected, "count" | "revision">,
  kvs: readonly KvView[],
  pairs: number,
): RangeResult {
  const { limit } = request;
  const cut = limit > 0 && pairs > limit;
  // Without filters everything that was counted passes, read or not.
  const more = cut || (!hasFilters(request) && !request.countOnly && limit > 0 && count > pairs);
  return {
    kind: "range",
    kvs: cut ? kvs.slice(0, limit) : kvs,
    pairs: cut ? limit : pairs,
    projection: projectionOf(request),
    more,
    count,
    revision,
  };
}

export function projectionOf(request: RangeRequest): KvProjection {
  if (!request.keysOnly) return "full";
  return request.sortTarget === SortTarget.VALUE ? "withoutValue" : "indexOnly";
}

export function hasFilters(request: RangeRequest): boolean {
  return (
    request.minModRevision !== 0 ||
    request.maxModRevision !== 0 ||
    request.minCreateRevision !== 0 ||
    request.maxCreateRevision !== 0
  );
}

export function passes(kv: KvView, request: RangeRequest): boolean {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  if (minModRevision !== 0 && kv.modRevision < minModRevision) return false;
  if (maxModRevision !== 0 && kv.modRevision > maxModRevision) return false;
  if (minCreateRevision !== 0 && kv.createRevision < minCreateRevision) return false;
  return maxCreateRevision === 0 || kv.createRevision <= maxCreateRevision;
}

/** In what order pairs are answered; undefined: in that in which they are read. */
export function orderOf({ sortOrder, sortTarget }: RangeRequest): PairOrder | undefined {
  // The scan already gives ascending keys; another target without an order sorts ascending.
  if (sortTarget === SortTarget.KEY && sortOrder !== SortOrder.DESCEND) return undefined;
  const compare = comparator(sortTarget);
  return sortOrder === SortOrder.DESCEND ? (a, b) => compare(b, a) : compare;
}

function comparator(target: number): PairOrder {
  switch (target) {
    case SortTarget.VERSION:
      return (a, b) => a.version - b.version;
    case SortTarget.CREATE:
      return (a, b) => a.createRevision - b.createRevision;
    case SortTarget.MOD:
      return (a, b) => a.modRevision - b.modRevision;
    case SortTarget.VALUE:
      return (a, b) => compareBytes(a.value, b.value);
    default:
      return (a, b) => compareBytes(a.key, b.key);
  }
}
