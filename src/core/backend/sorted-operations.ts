// SPDX-License-Identifier: Apache-2.0

import { type OperationVisitor, visitOperations } from "./operation-log.ts";

/** Bytes of a key that are compared: as many as a number holds exactly. */
const COMPARED_BYTES = 6;

/**
 * Packed operations by table and, nearly, by key: six bytes behind what all keys of the table
 * begin with are compared. That is enough for neighbours to come together, which is all that the
 * order is for; operations are one per key.
 */
export class SortedOperations {
  readonly #tables: number[] = [];
  readonly #isPut: boolean[] = [];
  readonly #buffers: Buffer[] = [];
  /** Key start, value start and value end of each operation. */
  readonly #offsets: number[] = [];
  readonly #order: Uint32Array;

  constructor(chunks: readonly Uint8Array[]) {
    visitOperations(chunks, (table, isPut, buffer, keyStart, valueStart, valueEnd) => {
      this.#tables.push(table);
      this.#isPut.push(isPut);
      this.#buffers.push(buffer);
      this.#offsets.push(keyStart, valueStart, valueEnd);
    });
    this.#order = this.#sorted();
  }

  /** Whether they came in this order. */
  get isInOrder(): boolean {
    return this.#order.every((at, place) => at === place);
  }

  get length(): number {
    return this.#tables.length;
  }

  /** Shows the operation at a place of the order. */
  visit(place: number, visit: OperationVisitor): void {
    const at = this.#order[place] as number;
    const offset = at * 3;
    const keyStart = this.#offsets[offset] as number;
    const valueStart = this.#offsets[offset + 1] as number;
    const valueEnd = this.#offsets[offset + 2] as number;
    const buffer = this.#buffers[at] as Buffer;
    visit(
      this.#tables[at] as number,
      this.#isPut[at] as boolean,
      buffer,
      keyStart,
      valueStart,
      valueEnd,
    );
  }

  /** By table number, so that the table that tells what the others hold comes last. */
  #sorted(): Uint32Array {
    const shared = this.#sharedLengths();
    const ranks = new Float64Array(this.length);
    for (let at = 0; at < ranks.length; at++) {
      ranks[at] = this.#rank(at, shared.get(this.#tables[at] as number) ?? 0);
    }
    const tables = this.#tables;
    return Uint32Array.from(ranks.keys()).sort(
      (a, b) =>
        (tables[a] as number) - (tables[b] as number) ||
        (ranks[a] as number) - (ranks[b] as number),
    );
  }

  /** How many bytes all keys of a table begin with in common. */
  #sharedLengths(): Map<number, number> {
    const shared = new Map<number, number>();
    const firsts = new Map<number, number>();
    for (let at = 0; at < this.length; at++) {
      const table = this.#tables[at] as number;
      const first = firsts.get(table);
      if (first === undefined) {
        firsts.set(table, at);
        shared.set(table, this.#keyLength(at));
      } else shared.set(table, this.#commonLength(first, at, shared.get(table) ?? 0));
    }
    return shared;
  }

  #keyLength(at: number): number {
    return (this.#offsets[at * 3 + 1] as number) - (this.#offsets[at * 3] as number);
  }

  #commonLength(a: number, b: number, max: number): number {
    const limit = Math.min(max, this.#keyLength(b));
    const left = this.#buffers[a] as Buffer;
    const right = this.#buffers[b] as Buffer;
    const leftStart = this.#offsets[a * 3] as number;
    const rightStart = this.#offsets[b * 3] as number;
    let length = 0;
    while (length < limit && left[leftStart + length] === right[rightStart + length]) length++;
    return length;
  }

  #rank(at: number, skipped: number): number {
    const buffer = this.#buffers[at] as Buffer;
    const start = (this.#offsets[at * 3] as number) + skipped;
    const end = this.#offsets[at * 3 + 1] as number;
    let rank = 0;
    for (let byte = 0; byte < COMPARED_BYTES; byte++) {
      rank = rank * 256 + (start + byte < end ? (buffer[start + byte] as number) : 0);
    }
    return rank;
  }
}
