// SPDX-License-Identifier: Apache-2.0

const HASHED_BYTES_MAX = 64;

/**
 * A 32-bit hash of bytes in a buffer (FNV-1a with a final mix). Of long keys only both ends and
 * the length count, so that hashing stays cheap whatever the key.
 */
export function keyHash(buffer: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let hash = (0x811c9dc5 ^ length) | 0;
  if (length <= HASHED_BYTES_MAX) {
    for (let at = start; at < end; at++) hash = step(hash, buffer[at] as number);
  } else {
    const half = HASHED_BYTES_MAX / 2;
    for (let at = start; at < start + half; at++) hash = step(hash, buffer[at] as number);
    for (let at = end - half; at < end; at++) hash = step(hash, buffer[at] as number);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function step(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}
