// SPDX-License-Identifier: Apache-2.0

import { ENTRY_OVERHEAD_BYTES, HeaderEntry } from "./header-entry.ts";

/** RFC 7541, appendix A, in order; index 1 is the first. */
const staticFields: readonly (readonly [name: string, value?: string])[] = [
  [":authority"],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset"],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language"],
  ["accept-ranges"],
  ["accept"],
  ["access-control-allow-origin"],
  ["age"],
  ["allow"],
  ["authorization"],
  ["cache-control"],
  ["content-disposition"],
  ["content-encoding"],
  ["content-language"],
  ["content-length"],
  ["content-location"],
  ["content-range"],
  ["content-type"],
  ["cookie"],
  ["date"],
  ["etag"],
  ["expect"],
  ["expires"],
  ["from"],
  ["host"],
  ["if-match"],
  ["if-modified-since"],
  ["if-none-match"],
  ["if-range"],
  ["if-unmodified-since"],
  ["last-modified"],
  ["link"],
  ["location"],
  ["max-forwards"],
  ["proxy-authenticate"],
  ["proxy-authorization"],
  ["range"],
  ["referer"],
  ["refresh"],
  ["retry-after"],
  ["server"],
  ["set-cookie"],
  ["strict-transport-security"],
  ["transfer-encoding"],
  ["user-agent"],
  ["vary"],
  ["via"],
  ["www-authenticate"],
];
export const STATIC_ENTRIES: number = staticFields.length;
const staticEntries: readonly HeaderEntry[] = staticFields.map(
  ([name, value]) => new HeaderEntry(name, value ?? ""),
);

/** The table size that both sides start with, and the only one this endpoint offers. */
export const TABLE_BYTES_MAX = 4096;
/** More entries than this do not fit; a power of two, so that the ring wraps by a mask. */
const RING_ENTRIES = TABLE_BYTES_MAX / ENTRY_OVERHEAD_BYTES;

/** HPACK's index space: the static table and, behind it, the newest dynamic entry first. */
export class HpackTable {
  /** Changes with every insertion and eviction: decoded blocks are reusable while it stays. */
  version = 0;
  readonly #ring = new Array<HeaderEntry | undefined>(RING_ENTRIES).fill(undefined);
  #inserted = 0;
  #count = 0;
  #bytes = 0;
  #bytesMax = TABLE_BYTES_MAX;

  /** The entry at an index of the wire, or undefined where there is none. */
  entry(index: number): HeaderEntry | undefined {
    if (index <= STATIC_ENTRIES) return staticEntries[index - 1];
    const age = index - STATIC_ENTRIES;
    if (age > this.#count) return undefined;
    return this.#ring[(this.#inserted - age) & (RING_ENTRIES - 1)];
  }

  /** Adds an entry; one that is larger than the whole table empties it and is not kept. */
  insert(entry: HeaderEntry): void {
    this.version++;
    this.#evict(this.#bytesMax - entry.bytes);
    if (entry.bytes > this.#bytesMax) return;
    this.#ring[this.#inserted++ & (RING_ENTRIES - 1)] = entry;
    this.#count++;
    this.#bytes += entry.bytes;
  }

  /** Applies a size update of the encoder; false when it is above what was offered. */
  resize(bytesMax: number): boolean {
    if (bytesMax > TABLE_BYTES_MAX) return false;
    this.version++;
    this.#bytesMax = bytesMax;
    this.#evict(bytesMax);
    return true;
  }

  #evict(bytesLeft: number): void {
    while (this.#count > 0 && this.#bytes > bytesLeft) {
      const at = (this.#inserted - this.#count) & (RING_ENTRIES - 1);
      this.#bytes -= this.#ring[at]?.bytes ?? 0;
      this.#ring[at] = undefined;
      this.#count--;
    }
  }
}
