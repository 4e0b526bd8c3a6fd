// SPDX-License-Identifier: Apache-2.0

import { BoltError } from "./errors.ts";
import { COUNT_ELSEWHERE, HEADER_BYTES, PAGE_FREELIST, readUint64, viewOf } from "./format.ts";
import type { ByteSource, Meta } from "./meta.ts";

const ID_BYTES = 8;
const SLICE_BYTES = 64 * 1024;

/** A stored free list: the pages that it occupies, and those that it names. */
export interface StoredFreelist {
  readonly page: number;
  readonly pages: number;
  readonly count: number;
  /** Hands over every number in the list, as it stands there. */
  readonly each: (take: (page: number) => void) => void;
}

/** Reads the free list that the meta names; its numbers are read in slices when asked for. */
export function readFreelist(source: ByteSource, meta: Meta, page: number): StoredFreelist {
  const fail = (problem: string) => new BoltError(source.path, page, problem);
  const start = page * meta.pageBytes;
  const head = new Uint8Array(HEADER_BYTES + ID_BYTES);
  if (source.readInto(head, start) < head.length) throw fail("ends early");
  const view = viewOf(head);
  if (readUint64(view, 0) !== page) throw fail("does not carry its own number");
  const kind = view.getUint16(8, true);
  if (kind !== PAGE_FREELIST) throw fail(`has the flags 0x${kind.toString(16)}, no free list`);
  const pages = view.getUint32(12, true) + 1;
  const isElsewhere = view.getUint16(10, true) === COUNT_ELSEWHERE;
  const count = isElsewhere ? readUint64(view, HEADER_BYTES) : view.getUint16(10, true);
  const from = HEADER_BYTES + (isElsewhere ? ID_BYTES : 0);
  if (page + pages > meta.highWater || from + count * ID_BYTES > pages * meta.pageBytes) {
    throw fail(`claims ${count} free pages, more than it has room for`);
  }
  return {
    page,
    pages,
    count,
    each: (take) => eachId(source, start + from, count, fail, take),
  };
}

function eachId(
  source: ByteSource,
  start: number,
  count: number,
  fail: (problem: string) => BoltError,
  take: (page: number) => void,
): void {
  const slice = new Uint8Array(SLICE_BYTES);
  const view = viewOf(slice);
  for (let done = 0; done < count; ) {
    const ids = Math.min(count - done, SLICE_BYTES / ID_BYTES);
    const target = slice.subarray(0, ids * ID_BYTES);
    if (source.readInto(target, start + done * ID_BYTES) < target.length) throw fail("ends early");
    for (let index = 0; index < ids; index++) take(readUint64(view, index * ID_BYTES));
    done += ids;
  }
}
