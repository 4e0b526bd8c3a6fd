// SPDX-License-Identifier: Apache-2.0

/** Smaller memory is left to the collector, and is what Node's buffers share among themselves. */
const FREED_BYTES_MIN = 256 * 1024;

/**
 * Gives memory back at once. The collector hardly notices memory beside its heap: hundreds of
 * megabytes would stay for as long as little else is made. Nobody may use the bytes, or others in
 * the same memory, any more.
 */
export function freeBytes({ buffer }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < FREED_BYTES_MIN) return;
  buffer.transfer(0);
}
