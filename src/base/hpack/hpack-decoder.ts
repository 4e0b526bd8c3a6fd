// SPDX-License-Identifier: Apache-2.0

import { HeaderEntry, HeaderKind } from "./header-entry.ts";
import { HpackTable } from "./hpack-table.ts";
import { huffmanDecode } from "./huffman.ts";

/** A header block that is not valid HPACK; the connection cannot go on after it. */
export class HpackError extends Error {
  override readonly name = "HpackError";
}

/** The largest integer of a block: far above any length, far below what shifts can hold. */
const INTEGER_MAX = 0xff_ffff;
const SCRATCH_BYTES = 4096;

/** Decodes header blocks in the order in which they arrive on one connection. */
export class HpackDecoder {
  readonly table = new HpackTable();
  /** True when the last block was longer than the limit; its fields are then incomplete. */
  truncated = false;
  readonly #listBytesMax: number;
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;
  #end = 0;
  #scratch = Buffer.allocUnsafe(SCRATCH_BYTES);

  /** Beyond `listBytesMax` bytes of fields (counted as HPACK does) a list is cut off. */
  constructor(listBytesMax: number) {
    this.#listBytesMax = listBytesMax;
  }

  /**
   * Decodes one whole block. A list over the limit still passes through the table, so that later
   * blocks decode. Throws `HpackError`.
   */
  decode(bytes: Buffer, start: number, end: number): HeaderEntry[] {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    this.truncated = false;
    const fields: HeaderEntry[] = [];
    let listBytes = 0;
    this.#sizeUpdates();
    while (this.#position < end) {
      const field = this.#field();
      listBytes += field.bytes;
      if (listBytes > this.#listBytesMax) this.truncated = true;
      else fields.push(field);
    }
    return fields;
  }

  /** Table size updates may only stand at the start of a block. */
  #sizeUpdates(): void {
    while (this.#position < this.#end && ((this.#bytes[this.#position] ?? 0) & 0xe0) === 0x20) {
      if (!this.table.resize(this.#integer(0x1f))) {
        throw new HpackError("table size update above the announced limit");
      }
    }
  }

  #field(): HeaderEntry {
    const first = this.#bytes[this.#position] ?? 0;
    if (first >= 0x80) return this.#indexed(this.#integer(0x7f));
    if (first >= 0x40) {
      const entry = this.#literal(this.#integer(0x3f));
      this.table.insert(entry);
      return entry;
    }
    if (first >= 0x20) throw new HpackError("table size update inside a block");
    return this.#literal(this.#integer(0x0f));
  }

  #indexed(index: number): HeaderEntry {
    const entry = this.table.entry(index);
    if (entry === undefined) throw new HpackError(`index ${index} is not in the table`);
    return entry;
  }

  #literal(nameIndex: number): HeaderEntry {
    if (nameIndex === 0) {
      const name = this.#string();
      return this.#checked(new HeaderEntry(name, this.#string()));
    }
    const named = this.#indexed(nameIndex);
    return this.#checked(new HeaderEntry(named.name, this.#string(), named.kind));
  }

  /** A value with a control character makes the request malformed, not the block undecodable. */
  #checked(entry: HeaderEntry): HeaderEntry {
    const { value } = entry;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
        return new HeaderEntry(entry.name, value, HeaderKind.malformed);
      }
    }
    return entry;
  }

  #integer(mask: number): number {
    let value = (this.#bytes[this.#position++] ?? 0) & mask;
    if (value < mask) return value;
    let scale = 1;
    for (;;) {
      if (this.#position >= this.#end) throw new HpackError("truncated integer");
      const byte = this.#bytes[this.#position++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (value > INTEGER_MAX || scale > INTEGER_MAX) throw new HpackError("integer too large");
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  #string(): string {
    if (this.#position >= this.#end) throw new HpackError("truncated string");
    const huffman = (this.#bytes[this.#position] ?? 0) >= 0x80;
    const length = this.#integer(0x7f);
    const start = this.#position;
    const end = start + length;
    if (end > this.#end) throw new HpackError("truncated string");
    this.#position = end;
    if (!huffman) return latin1(this.#bytes, start, end);
    if (this.#scratch.length < length * 2) this.#scratch = Buffer.allocUnsafe(length * 2);
    const decoded = huffmanDecode(this.#bytes, start, end, this.#scratch);
    if (decoded < 0) throw new HpackError("invalid Huffman code");
    const text = latin1(this.#scratch, 0, decoded);
    if (this.#scratch.length > SCRATCH_BYTES) this.#scratch = Buffer.allocUnsafe(SCRATCH_BYTES);
    return text;
  }
}

/** One character per octet; short strings are put together without leaving JavaScript. */
function latin1(bytes: Buffer, start: number, end: number): string {
  if (end - start > 24) return bytes.toString("latin1", start, end);
  let text = "";
  for (let position = start; position < end; position++) {
    text += String.fromCharCode(bytes[position] ?? 0);
  }
  return text;
}
