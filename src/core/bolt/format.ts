// SPDX-License-Identifier: Apache-2.0
//
// Numbers of the file format. Everything in a file is little-endian.

/** A page header: id (8), flags (2), count of elements (2), pages that follow it as one (4). */
export const HEADER_BYTES = 16;
/** Before each key: leaves have flags, pos, ksize, vsize; branches pos, ksize and the page. */
export const ELEMENT_BYTES = 16;
/** What a bucket's value begins with: root page (0 when the page follows right here), sequence. */
export const BUCKET_HEADER_BYTES = 16;

export const PAGE_BRANCH = 0x01;
export const PAGE_LEAF = 0x02;
export const PAGE_META = 0x04;
export const PAGE_FREELIST = 0x10;

/** The element's value is a bucket. */
export const ELEMENT_BUCKET = 1;

/** Pages 0 and 1 are metas. */
export const FIRST_DATA_PAGE = 2;

export const PAGE_BYTES_MIN = 512;
export const PAGE_BYTES_MAX = 1 << 20;
export const PAGE_BYTES_DEFAULT = 4096;

/** What bbolt allows. */
export const KEY_BYTES_MAX = 32768;

/** A free list whose count is this has the real count as its first element. */
export const COUNT_ELSEWHERE = 0xffff;

const TWO_32 = 0x1_0000_0000;

/** A 64-bit number; what does not fit exactly is larger than every page, and stays so. */
export function readUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);
}

export function writeUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / TWO_32), true);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
