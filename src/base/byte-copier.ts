// SPDX-License-Identifier: Apache-2.0

/** Longer copies are left to the system's call, whose start alone takes as long as 300 bytes. */
const OWN_BYTES_MAX = 2048;
const WORD_BYTES = 8;

/**
 * Copies bytes [start, end) to `at`; the two places do not overlap. Eight bytes at a time, a short
 * copy takes half the time of `set` with a `subarray` and leaves no garbage: for 288 bytes 106 ns
 * instead of 214 to 400.
 */
export function copyBytes(
  to: DataView,
  at: number,
  from: DataView,
  start: number,
  end: number,
): void {
  const size = end - start;
  if (size > OWN_BYTES_MAX) {
    bytesOf(to).set(bytesOf(from).subarray(start, end), at);
    return;
  }
  const shift = at - start;
  if (size < WORD_BYTES) {
    for (let byte = start; byte < end; byte++) to.setUint8(byte + shift, from.getUint8(byte));
    return;
  }
  const last = end - WORD_BYTES;
  for (let word = start; word < last; word += WORD_BYTES) {
    to.setBigUint64(word + shift, from.getBigUint64(word, true), true);
  }
  to.setBigUint64(last + shift, from.getBigUint64(last, true), true);
}

/** The same for buffers that have no view of their own and stay the same for many calls. */
export class ByteCopier {
  #from: Uint8Array = new Uint8Array(0);
  #fromView = viewOf(this.#from);
  #to = this.#from;
  #toView = this.#fromView;

  copy(to: Uint8Array, at: number, from: Uint8Array, start: number, end: number): void {
    if (from !== this.#from) {
      this.#from = from;
      this.#fromView = viewOf(from);
    }
    if (to !== this.#to) {
      this.#to = to;
      this.#toView = viewOf(to);
    }
    copyBytes(this.#toView, at, this.#fromView, start, end);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
