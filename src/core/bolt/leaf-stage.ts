// SPDX-License-Identifier: Apache-2.0

import { compareSlices } from "../../base/binary-string.ts";
import { ELEMENT_BYTES, HEADER_BYTES, PAGE_LEAF, viewOf } from "./format.ts";
import type { PageOutput } from "./page-output.ts";

const ROOM_BYTES = 8192;
const LOOP_BYTES_MAX = 24;

/** The pairs of the leaf that is being filled, keys and values one behind the other. */
export class LeafStage {
  #data = new Uint8Array(ROOM_BYTES);
  #dataBytes = 0;
  #keyBytes = new Uint32Array(64);
  #valueBytes = new Uint32Array(64);
  #flags = new Uint32Array(64);
  #lastKeyStart = 0;
  count = 0;

  /** The size of a page with these pairs. */
  get pageBytes(): number {
    return HEADER_BYTES + this.count * ELEMENT_BYTES + this.#dataBytes;
  }

  /** Adds a pair: its key is [keyStart, keyEnd) of `keys`, its value a range of `values`. */
  add(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    valueStart: number,
    valueEnd: number,
    flags: number,
  ): void {
    const size = keyEnd - keyStart + valueEnd - valueStart;
    this.#makeRoom(size);
    const at = this.#dataBytes;
    if (keys === values && keyEnd === valueStart) {
      copy(this.#data, at, keys, keyStart, valueEnd);
    } else {
      copy(this.#data, at, keys, keyStart, keyEnd);
      copy(this.#data, at + keyEnd - keyStart, values, valueStart, valueEnd);
    }
    this.#lastKeyStart = at;
    this.#keyBytes[this.count] = keyEnd - keyStart;
    this.#valueBytes[this.count] = valueEnd - valueStart;
    this.#flags[this.count] = flags;
    this.#dataBytes += size;
    this.count++;
  }

  #makeRoom(size: number): void {
    if (this.count === this.#keyBytes.length) {
      this.#keyBytes = doubled(this.#keyBytes);
      this.#valueBytes = doubled(this.#valueBytes);
      this.#flags = doubled(this.#flags);
    }
    const need = this.#dataBytes + size;
    if (need <= this.#data.length) return;
    const data = new Uint8Array(Math.max(need, 2 * this.#data.length));
    data.set(this.#data.subarray(0, this.#dataBytes));
    this.#data = data;
  }

  /** The order of the last key against another one; there has to be a last key. */
  compareLast(keys: Uint8Array, start: number, end: number): number {
    const from = this.#lastKeyStart;
    const bytes = this.#keyBytes[this.count - 1] as number;
    return compareSlices(this.#data, from, from + bytes, keys, start, end);
  }

  /** The first key, copied. */
  firstKey(): Uint8Array {
    return this.#data.slice(0, this.#keyBytes[0]);
  }

  /** The last key, copied. */
  lastKey(): Uint8Array {
    const bytes = this.#keyBytes[this.count - 1] as number;
    return this.#data.slice(this.#lastKeyStart, this.#lastKeyStart + bytes);
  }

  /** Writes elements and data at `at`, where a page's header ends. */
  writeBody(bytes: Uint8Array, view: DataView, at: number): void {
    let data = this.count * ELEMENT_BYTES;
    for (let index = 0; index < this.count; index++) {
      const element = at + index * ELEMENT_BYTES;
      view.setUint32(element, this.#flags[index] as number, true);
      view.setUint32(element + 4, at + data - element, true);
      view.setUint32(element + 8, this.#keyBytes[index] as number, true);
      view.setUint32(element + 12, this.#valueBytes[index] as number, true);
      data += (this.#keyBytes[index] as number) + (this.#valueBytes[index] as number);
    }
    bytes.set(this.#data.subarray(0, this.#dataBytes), at + this.count * ELEMENT_BYTES);
  }

  /** Writes the pairs as a page of the output, whose number it gives, and begins anew. */
  flush(output: PageOutput): number {
    const id = output.begin(PAGE_LEAF, this.count, this.pageBytes);
    this.writeBody(output.bytes, output.view, output.at);
    this.clear();
    return id;
  }

  /** The pairs as a page that is kept inside its bucket's value, from `at` on. */
  writeInline(bytes: Uint8Array, at: number): void {
    const view = viewOf(bytes);
    view.setUint16(at + 8, PAGE_LEAF, true);
    view.setUint16(at + 10, this.count, true);
    this.writeBody(bytes, view, at + HEADER_BYTES);
  }

  clear(): void {
    this.count = 0;
    this.#dataBytes = 0;
    if (this.#data.length > 64 * ROOM_BYTES) this.#data = new Uint8Array(ROOM_BYTES);
  }
}

/** Copies a range; a loop is faster than a view where there are only a few bytes. */
function copy(to: Uint8Array, at: number, from: Uint8Array, start: number, end: number): void {
  if (end - start <= LOOP_BYTES_MAX) {
    for (let index = 0; index < end - start; index++)
      to[at + index] = from[start + index] as number;
  } else if (start === 0 && end === from.length) to.set(from, at);
  else to.set(from.subarray(start, end), at);
}

function doubled(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
