// SPDX-License-Identifier: Apache-2.0

import { BoltError } from "./errors.ts";
import { FIRST_DATA_PAGE } from "./format.ts";
import { PageFrame } from "./page-frame.ts";
import type { BoltReader } from "./reader.ts";

/** One pair on a leaf page; `bytes` is valid during the call. */
export interface ScannedPair {
  readonly page: number;
  readonly index: number;
  /** How many pairs the page has. */
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueEnd: number;
  readonly isBucket: boolean;
}

/**
 * Hands over the pairs of all leaf pages in the order of the pages, in use or free: what was
 * deleted stays in free pages until they are written again. What is no whole leaf is passed over.
 */
export function scanLeafPages(reader: BoltReader, take: (pair: ScannedPair) => void): void {
  const { source, meta } = reader;
  const frame = new PageFrame(source, meta);
  let page = FIRST_DATA_PAGE;
  while (page < meta.highWater) {
    const isLeaf = load(frame, page) && frame.isLeaf;
    if (isLeaf) takePairs(frame, take);
    page += isLeaf ? frame.pages : 1;
  }
}

function load(frame: PageFrame, page: number): boolean {
  try {
    frame.load(page);
    return true;
  } catch (error) {
    // A page that was never written, continues another one, or holds the free list.
    if (error instanceof BoltError) return false;
    throw error;
  }
}

function takePairs(frame: PageFrame, take: (pair: ScannedPair) => void): void {
  for (let index = 0; index < frame.count; index++) {
    take({
      page: frame.id,
      index,
      count: frame.count,
      bytes: frame.bytes,
      keyStart: frame.keyStarts[index] as number,
      keyEnd: frame.keyEnds[index] as number,
      valueEnd: frame.valueEnds[index] as number,
      isBucket: frame.isBucket(index),
    });
  }
}
