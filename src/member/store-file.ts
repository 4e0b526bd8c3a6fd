// SPDX-License-Identifier: Apache-2.0
//
// LMDB maps its file into memory and trusts it: with a file that is none, or that lacks its end,
// the process would die without a word. So the two meta pages at its beginning are looked at
// before it is opened.

import type { Disk } from "../base/contracts/disk.ts";

const MAGIC = 0xbeefc0de;
const FORMAT_VERSION = 2;
/** Places in a meta page, in bytes; a page header of 24 bytes comes first. */
const MAGIC_AT = 24;
const VERSION_AT = 28;
const PAGE_SIZE_AT = 48;
const FREE_ROOT_AT = 88;
const MAIN_ROOT_AT = 136;
const TRANSACTION_AT = 152;
const META_BYTES = 160;
/** The root of an empty tree. */
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

const FIX = "restore the whole data directory from a copy";

/** What is wrong with the store's file; undefined when it is sound so far, empty or missing. */
export function findStoreDamage(disk: Disk, path: string): string | undefined {
  const size = disk.stat(path)?.size ?? 0;
  if (size === 0) return undefined;
  const file = disk.open(path, "read");
  try {
    const first = metaOf(file.read(0, META_BYTES));
    if (first === undefined) return `${path} is not a store of this program; ${FIX}`;
    const second = metaOf(file.read(first.pageSize, META_BYTES));
    if (second === undefined) return `the second page of the store ${path} is damaged; ${FIX}`;
    const newest = first.transaction >= second.transaction ? first : second;
    const pages = BigInt(Math.floor(size / newest.pageSize));
    if (newest.roots.every((root) => root === NO_PAGE || root < pages)) return undefined;
    return `the store ${path} was cut off at ${size} bytes; ${FIX}`;
  } finally {
    file.close();
  }
}

interface Meta {
  readonly pageSize: number;
  readonly roots: readonly bigint[];
  readonly transaction: bigint;
}

function metaOf(bytes: Uint8Array): Meta | undefined {
  if (bytes.length < META_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Numbers have the byte order of the machine that wrote them; the magic number tells.
  const isLittle = view.getUint32(MAGIC_AT, true) === MAGIC;
  if (!isLittle && view.getUint32(MAGIC_AT, false) !== MAGIC) return undefined;
  const pageSize = view.getUint32(PAGE_SIZE_AT, isLittle);
  if (view.getUint32(VERSION_AT, isLittle) !== FORMAT_VERSION || pageSize < 512) return undefined;
  return {
    pageSize,
    roots: [FREE_ROOT_AT, MAIN_ROOT_AT].map((at) => view.getBigUint64(at, isLittle)),
    transaction: view.getBigUint64(TRANSACTION_AT, isLittle),
  };
}
