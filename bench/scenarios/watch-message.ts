// SPDX-License-Identifier: Apache-2.0

const eventsTag = 0x5a;
const lengthDelimited = 2;

/** How many events a WatchResponse holds; reads no more of it than its outline. */
export function countEvents(bytes: Buffer, start: number, end: number): number {
  let events = 0;
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < end; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < end) {
    const tag = varint();
    if (tag === eventsTag) events += 1;
    const value = varint();
    if ((tag & 7) === lengthDelimited) at += value;
  }
  return events;
}
