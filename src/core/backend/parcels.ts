// SPDX-License-Identifier: Apache-2.0

import { CHUNK_BYTES, type OperationLog } from "./operation-log.ts";

/** Parcels kept to be used again; what is sent beyond that in one go takes memory of its own. */
export const SPARE_PARCELS_MAX = 8;

/** Packed operations on their way to another thread. */
export interface Parcel {
  readonly memory: ArrayBuffer;
  readonly usedBytes: number;
}

/**
 * Copies logs into memory that travels: it goes to the writer thread full and comes back empty.
 * New memory for each commit would be garbage outside the heap, a few MB a second under load, and
 * that is what sets off the long collections of either thread.
 */
export class ParcelPacker {
  readonly #spare: ArrayBuffer[] = [];

  /** Packs chunks from `first` on, as many as one copy should take; `next` is where to go on. */
  pack(log: OperationLog, first: number): { readonly parcel: Parcel; readonly next: number } {
    const firstBytes = log.chunk(first).length;
    const memory = firstBytes > CHUNK_BYTES ? new ArrayBuffer(firstBytes) : this.#take();
    const target = new Uint8Array(memory);
    let usedBytes = 0;
    let next = first;
    while (next < log.chunkCount) {
      const bytes = log.chunk(next);
      if (usedBytes + bytes.length > target.length) break;
      target.set(bytes, usedBytes);
      usedBytes += bytes.length;
      next++;
    }
    return { parcel: { memory, usedBytes }, next };
  }

  takeBack(spare: readonly ArrayBuffer[]): void {
    this.#spare.push(...spare.slice(0, SPARE_PARCELS_MAX - this.#spare.length));
  }

  #take(): ArrayBuffer {
    return this.#spare.pop() ?? new ArrayBuffer(CHUNK_BYTES);
  }
}

/** What of the memory of parcels is worth to be sent back. */
export function spareOf(parcels: readonly Uint8Array<ArrayBuffer>[]): ArrayBuffer[] {
  const memories = parcels.map(({ buffer }) => buffer);
  return memories
    .filter(({ byteLength }) => byteLength === CHUNK_BYTES)
    .slice(0, SPARE_PARCELS_MAX);
}
