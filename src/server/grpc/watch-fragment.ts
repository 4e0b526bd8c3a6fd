// SPDX-License-Identifier: Apache-2.0

/** Size of the `fragment` field of a response that has it set. */
const FRAGMENT_FLAG_BYTES = 2;

/**
 * Splits the `events` fields of a response into fragments: a response at or above `bytesMax` is
 * cut so that each piece stays below it, except where one event alone is larger.
 *
 * @param fields encoded fields, in order
 * @param baseBytes size of the response without them
 */
export function splitFields(
  fields: readonly Uint8Array[],
  baseBytes: number,
  bytesMax: number,
): (readonly Uint8Array[])[] {
  let total = baseBytes;
  for (const field of fields) total += field.length;
  if (total < bytesMax || fields.length < 2) return [fields];
  const pieces: (readonly Uint8Array[])[] = [];
  let start = 0;
  let size = baseBytes + FRAGMENT_FLAG_BYTES;
  fields.forEach((field, index) => {
    if (index > start && size + field.length >= bytesMax) {
      pieces.push(fields.slice(start, index));
      start = index;
      size = baseBytes + FRAGMENT_FLAG_BYTES;
    }
    size += field.length;
  });
  pieces.push(fields.slice(start));
  return pieces;
}
