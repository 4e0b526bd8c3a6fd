// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../base/contracts/disk.ts";
import { type RecordCursor, SegmentDecoder } from "./decoder.ts";
import { WalError } from "./errors.ts";

const WINDOW_BYTES = 1 << 20;

/** How a walk through one segment ended. */
export interface SegmentVisit {
  /** Records that are whole, which were handed over. */
  readonly records: number;
  /** End of the last of them. */
  readonly offset: number;
  /** The chained checksum there: what the next segment has to begin with. */
  readonly crc: number;
  readonly sizeBytes: number;
  /** Why there was no going on before the end; its offset is where the next record begins. */
  readonly damage: WalError | undefined;
  /** The first byte behind the end that is not zero; undefined where there is none. */
  readonly strayOffset: number | undefined;
}

/**
 * Hands over the records of one segment with their numbers, from 1, for tools: damage is told and
 * not thrown, and one record is held at a time. Bytes are lent for the call. `crc` is the checksum
 * at the end of the segment before, 0 to take the one that this segment begins with.
 */
export function visitSegment(
  disk: Disk,
  path: string,
  options: { readonly crc: number; readonly isLast: boolean },
  take: (record: RecordCursor, number: number) => void,
): SegmentVisit {
  const file = disk.open(path, "read");
  try {
    const decoder = new SegmentDecoder(file, options);
    let records = 0;
    let damage: WalError | undefined;
    for (;;) {
      const record = nextOrDamage(decoder);
      if (record instanceof WalError) damage = record;
      if (record === undefined || record instanceof WalError) break;
      take(record, ++records);
    }
    const { crc, offset } = decoder;
    const sizeBytes = file.size();
    const strayOffset =
      damage === undefined
        ? findNonZero((at) => file.read(at, WINDOW_BYTES), offset, sizeBytes)
        : undefined;
    return { records, offset, crc, sizeBytes, damage, strayOffset };
  } finally {
    file.close();
  }
}

function nextOrDamage(decoder: SegmentDecoder): RecordCursor | WalError | undefined {
  try {
    return decoder.next();
  } catch (error) {
    if (error instanceof WalError) return error;
    throw error;
  }
}

const ZEROS = Buffer.alloc(WINDOW_BYTES);

function findNonZero(
  read: (at: number) => Uint8Array,
  from: number,
  end: number,
): number | undefined {
  for (let at = from; at < end; ) {
    const bytes = read(at);
    // A file that shrinks meanwhile has nothing more to show.
    if (bytes.length === 0) return undefined;
    if (Buffer.compare(bytes, ZEROS.subarray(0, bytes.length)) !== 0) {
      return at + bytes.findIndex((byte) => byte !== 0);
    }
    at += bytes.length;
  }
  return undefined;
}
