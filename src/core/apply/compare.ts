// SPDX-License-Identifier: Apache-2.0

import {
  type Compare,
  Compare_CompareResult as CompareResult,
  Compare_CompareTarget as CompareTarget,
} from "../../api/gen/etcdserverpb.ts";
import { compareBytes, EMPTY_BYTES } from "../../base/bytes.ts";
import type { KvView } from "../mvcc/index.ts";
import type { RangeSource } from "./range.ts";

/** Whether every pair in the compare's range satisfies it; a missing key compares as all zero. */
export function compareHolds(source: RangeSource, compare: Compare): boolean {
  const selected = source.range(compare.key, compare.rangeEnd, {
    revision: 0,
    limit: 0,
    countOnly: false,
    keysOnly: false,
  });
  if (selected.kind !== "ok") return false;
  if (selected.kvs.length === 0) {
    return compare.target !== CompareTarget.VALUE && satisfies(compare, undefined);
  }
  return selected.kvs.every((kv) => satisfies(compare, kv));
}

function satisfies(compare: Compare, kv: KvView | undefined): boolean {
  const order = orderOf(compare, kv);
  switch (compare.result) {
    case CompareResult.EQUAL:
      return order === 0;
    case CompareResult.NOT_EQUAL:
      return order !== 0;
    case CompareResult.GREATER:
      return order > 0;
    case CompareResult.LESS:
      return order < 0;
    default:
      // etcd 3.7.1 lets a result outside the enum hold (server/etcdserver/txn/txn.go).
      return true;
  }
}

function orderOf(compare: Compare, kv: KvView | undefined): number {
  switch (compare.target) {
    case CompareTarget.VALUE:
      return compareBytes(kv?.value ?? EMPTY_BYTES, compare.value ?? EMPTY_BYTES);
    case CompareTarget.CREATE:
      return (kv?.createRevision ?? 0) - (compare.createRevision ?? 0);
    case CompareTarget.MOD:
      return (kv?.modRevision ?? 0) - (compare.modRevision ?? 0);
    case CompareTarget.VERSION:
      return (kv?.version ?? 0) - (compare.version ?? 0);
    case CompareTarget.LEASE: {
      const difference = (kv?.lease ?? 0n) - (compare.lease ?? 0n);
      return difference === 0n ? 0 : difference > 0n ? 1 : -1;
    }
    default:
      return 0;
  }
}
