// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../../base/contracts/disk.ts";
import { BoltError } from "./errors.ts";
import {
  FIRST_DATA_PAGE,
  HEADER_BYTES,
  PAGE_BYTES_MAX,
  PAGE_BYTES_MIN,
  PAGE_META,
  readUint64,
  viewOf,
  writeUint64,
} from "./format.ts";

/** What a reader needs of a file. It may go on behind the database, as snapshots do. */
export type ByteSource = Pick<DiskFile, "path" | "readInto" | "size">;

const MAGIC = 0xed0cdaed;
const VERSION = 2;
const META_BYTES = 64;
const SUMMED_BYTES = 56;
const NO_FREELIST = 0xffff_ffff_ffff_ffffn;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
/** Where bbolt looks for the second meta when the first does not tell the page size. */
const SECOND_META_AT_MIN = 1024;
const SECOND_META_TRIES = 16;

/** One committed state of the database. */
export interface Meta {
  readonly pageBytes: number;
  readonly rootPage: number;
  readonly rootSequence: bigint;
  /** The first page of the stored free list; undefined when none is stored. */
  readonly freelistPage: number | undefined;
  /** The first page behind those in use: the database is this many pages long. */
  readonly highWater: number;
  readonly txid: bigint;
}

/** FNV-1a, 64 bits. */
function checksum(bytes: Uint8Array): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}

/** The meta whose page begins at the start of `page`, or what is wrong with it. */
function decodeMeta(page: Uint8Array): Meta | string {
  if (page.length < HEADER_BYTES + META_BYTES) return "is cut short";
  const view = viewOf(page.subarray(HEADER_BYTES));
  if (view.getUint32(0, true) !== MAGIC) return "has no bbolt magic number";
  const version = view.getUint32(4, true);
  if (version !== VERSION) return `has format version ${version}, expected ${VERSION}`;
  const summed = page.subarray(HEADER_BYTES, HEADER_BYTES + SUMMED_BYTES);
  if (view.getBigUint64(SUMMED_BYTES, true) !== checksum(summed)) return "has a wrong checksum";
  const pageBytes = view.getUint32(8, true);
  if (pageBytes < PAGE_BYTES_MIN || pageBytes > PAGE_BYTES_MAX || pageBytes % 16 !== 0) {
    return `has a page size of ${pageBytes} bytes`;
  }
  return {
    pageBytes,
    rootPage: readUint64(view, 16),
    rootSequence: view.getBigUint64(24, true),
    freelistPage: view.getBigUint64(32, true) === NO_FREELIST ? undefined : readUint64(view, 32),
    highWater: readUint64(view, 40),
    txid: view.getBigUint64(48, true),
  };
}

/** A whole meta page. */
export function encodeMeta(page: number, meta: Meta): Uint8Array {
  const bytes = new Uint8Array(meta.pageBytes);
  const header = viewOf(bytes);
  writeUint64(header, 0, page);
  header.setUint16(8, PAGE_META, true);
  const view = viewOf(bytes.subarray(HEADER_BYTES));
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, meta.pageBytes, true);
  writeUint64(view, 16, meta.rootPage);
  view.setBigUint64(24, meta.rootSequence, true);
  const { freelistPage } = meta;
  view.setBigUint64(32, freelistPage === undefined ? NO_FREELIST : BigInt(freelistPage), true);
  writeUint64(view, 40, meta.highWater);
  view.setBigUint64(48, meta.txid, true);
  const summed = bytes.subarray(HEADER_BYTES, HEADER_BYTES + SUMMED_BYTES);
  view.setBigUint64(SUMMED_BYTES, checksum(summed), true);
  return bytes;
}

function readMeta(source: ByteSource, position: number): Meta | string {
  const bytes = new Uint8Array(HEADER_BYTES + META_BYTES);
  return decodeMeta(bytes.subarray(0, source.readInto(bytes, position)));
}

function readSecondMeta(source: ByteSource, first: Meta | string): Meta | string {
  if (typeof first !== "string") return readMeta(source, first.pageBytes);
  for (let attempt = 0; attempt < SECOND_META_TRIES; attempt++) {
    const position = SECOND_META_AT_MIN * 2 ** attempt;
    const meta = readMeta(source, position);
    if (typeof meta !== "string" && meta.pageBytes === position) return meta;
  }
  return "is not where it may be";
}

/** The newest valid meta, and what is wrong with the other one where it is. */
export interface FoundMeta {
  readonly meta: Meta;
  /** Which of the two it is. */
  readonly page: 0 | 1;
  readonly damaged: { readonly page: number; readonly problem: string } | undefined;
}

/**
 * The state that the file stands for. A commit writes one of the two metas, so one damaged meta
 * means that the other one's commit counts; without any there is no database.
 */
export function findMeta(source: ByteSource): FoundMeta {
  const file = source.path;
  const size = source.size();
  if (size === 0) throw new BoltError(file, undefined, "the file is empty");
  const first = readMeta(source, 0);
  const second = readSecondMeta(source, first);
  const found = chooseMeta(first, second);
  if (found === undefined) {
    const problem = `is no database: meta page 0 ${first}, meta page 1 ${second}`;
    throw new BoltError(file, undefined, problem);
  }
  checkMeta(file, size, found.meta);
  return found;
}

function chooseMeta(first: Meta | string, second: Meta | string): FoundMeta | undefined {
  if (typeof first === "string") {
    if (typeof second === "string") return undefined;
    return { meta: second, page: 1, damaged: { page: 0, problem: `meta ${first}` } };
  }
  if (typeof second === "string") {
    return { meta: first, page: 0, damaged: { page: 1, problem: `meta ${second}` } };
  }
  return second.txid > first.txid
    ? { meta: second, page: 1, damaged: undefined }
    : { meta: first, page: 0, damaged: undefined };
}

function checkMeta(file: string, size: number, meta: Meta): void {
  const { pageBytes, highWater, rootPage, freelistPage } = meta;
  const need = highWater * pageBytes;
  if (need > size) {
    const problem = `the file is cut short: ${size} bytes instead of at least ${need}`;
    throw new BoltError(file, undefined, problem);
  }
  for (const page of [rootPage, freelistPage ?? rootPage]) {
    if (page >= FIRST_DATA_PAGE && page < highWater) continue;
    throw new BoltError(file, undefined, `its meta names page ${page} of ${highWater}`);
  }
}
