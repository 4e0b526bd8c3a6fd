// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "./seeded-random.ts";

const SECTOR_BYTES = 512;
const EMPTY = new Uint8Array(0);

interface Write {
  readonly kind: "write";
  readonly position: number;
  readonly bytes: Uint8Array;
}

type Change = Write | { readonly kind: "truncate"; readonly size: number };

/** Bytes with a size of their own; what lies beyond what was written reads as zeros. */
class Content {
  #bytes: Uint8Array = EMPTY;
  size = 0;

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.size = Math.max(this.size, end);
  }

  truncate(size: number): void {
    this.#bytes.fill(0, Math.min(size, this.#bytes.length));
    this.size = size;
  }

  read(position: number, length: number): Uint8Array {
    const end = Math.min(position + length, this.size);
    const result = new Uint8Array(Math.max(0, end - position));
    result.set(this.#bytes.subarray(position, Math.min(end, this.#bytes.length)));
    return result;
  }

  apply(change: Change): void {
    if (change.kind === "write") this.write(change.bytes, change.position);
    else this.truncate(change.size);
  }

  copy(): Content {
    const copy = new Content();
    copy.#bytes = new Uint8Array(this.#bytes);
    copy.size = this.size;
    return copy;
  }
}

/** The pieces of a write that a disk stores whole or not at all. */
function sectorsOf(position: number, bytes: Uint8Array): Write[] {
  const pieces: Write[] = [];
  let at = 0;
  while (at < bytes.length) {
    const room = SECTOR_BYTES - ((position + at) % SECTOR_BYTES);
    const end = Math.min(bytes.length, at + room);
    pieces.push({ kind: "write", position: position + at, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return pieces;
}

/** A file's content as programs see it, as the disk has it, and the changes in between. */
export class SimInode {
  #current = new Content();
  #durable = new Content();
  #changes: Change[] = [];
  /** Number of the first change in `#changes` since the file was made. */
  #firstChange = 0;

  get size(): number {
    return this.#current.size;
  }

  read(position: number, length: number): Uint8Array {
    return this.#current.read(position, length);
  }

  write(bytes: Uint8Array, position: number): void {
    this.#add({ kind: "write", position, bytes: new Uint8Array(bytes) });
  }

  truncate(size: number): void {
    this.#add({ kind: "truncate", size });
  }

  #add(change: Change): void {
    this.#changes.push(change);
    this.#current.apply(change);
  }

  /** Stands for everything written so far; hand it to `sync`. */
  mark(): number {
    return this.#firstChange + this.#changes.length;
  }

  /** Makes durable what was written before `mark`. */
  sync(mark: number): void {
    const count = Math.max(0, mark - this.#firstChange);
    for (const change of this.#changes.splice(0, count)) this.#durable.apply(change);
    this.#firstChange += count;
  }

  /** What was not synced stays visible but will never reach the disk. */
  loseUnsynced(): void {
    this.#firstChange += this.#changes.length;
    this.#changes = [];
  }

  /**
   * Each sector stays as it was after some of the unsynced changes, chosen by chance; with
   * `keepPercent` all of them. So it does not mix two states of one sector, but of neighbours
   * either may be older. Changes of the length survive up to some point in their order.
   */
  crash(random: SeededRandom, keepPercent: number): void {
    const count = this.#changes.length;
    const drawCut = () => (random.chance(keepPercent) ? count : random.intBelow(count + 1));
    const lengthCut = drawCut();
    const sectorCuts = new Map<number, number>();
    for (const [at, change] of this.#changes.entries()) {
      if (change.kind === "truncate") {
        if (at < lengthCut) this.#durable.apply(change);
        continue;
      }
      for (const piece of sectorsOf(change.position, change.bytes)) {
        const sector = Math.floor(piece.position / SECTOR_BYTES);
        const cut = sectorCuts.get(sector) ?? drawCut();
        sectorCuts.set(sector, cut);
        if (at < cut) this.#durable.apply(piece);
      }
    }
    this.loseUnsynced();
    this.#current = this.#durable.copy();
  }
}
