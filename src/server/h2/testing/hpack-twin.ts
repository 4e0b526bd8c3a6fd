// SPDX-License-Identifier: Apache-2.0

import { huffmanCodeBits, huffmanCodes } from "../../../base/hpack/huffman.ts";

export type Field = readonly [name: string, value: string];
export type Indexing = "incremental" | "without" | "never";

const codes = huffmanCodes();

/** Huffman-codes octets by writing out the bits as text: slow, and plain to see. */
export function huffmanEncode(text: string): Buffer {
  let bits = "";
  for (const octet of Buffer.from(text, "latin1")) {
    bits += (codes[octet] ?? 0).toString(2).padStart(huffmanCodeBits[octet] ?? 0, "0");
  }
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

export function integer(pattern: number, prefixBits: number, value: number): Buffer {
  const mask = 2 ** prefixBits - 1;
  if (value < mask) return Buffer.from([pattern | value]);
  const octets = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
  return Buffer.from([...octets, rest]);
}

function string(text: string, huffman: boolean): Buffer {
  const octets = huffman ? huffmanEncode(text) : Buffer.from(text, "latin1");
  return Buffer.concat([integer(huffman ? 0x80 : 0, 7, octets.length), octets]);
}

/** A literal with its name spelled out, indexed nowhere. */
export function literal(name: string, value: string, huffman = false): Buffer {
  return Buffer.concat([Buffer.from([0]), string(name, huffman), string(value, huffman)]);
}

/**
 * A plain HPACK encoder: its dynamic table is a list of fields, newest first. What the real
 * decoder reads must be what was encoded here, whatever the choices.
 */
export class HpackTwin {
  #table: Field[] = [];
  #bytesMax = 4096;

  /** Encodes a table size update, to be put at the start of a block. */
  resize(bytesMax: number): Buffer {
    this.#bytesMax = bytesMax;
    this.#evict();
    return integer(0x20, 5, bytesMax);
  }

  /** Encodes one field; a field that is in the dynamic table is referred to by its index. */
  encode([name, value]: Field, indexing: Indexing, huffman: boolean): Buffer {
    const known = this.#table.findIndex((field) => field[0] === name && field[1] === value);
    if (known >= 0 && indexing !== "never") return integer(0x80, 7, 62 + known);
    const named = this.#table.findIndex((field) => field[0] === name);
    const nameIndex = named < 0 ? 0 : 62 + named;
    const [pattern, bits] = { incremental: [0x40, 6], without: [0, 4], never: [0x10, 4] }[indexing];
    const parts = [integer(pattern ?? 0, bits ?? 0, nameIndex)];
    if (nameIndex === 0) parts.push(string(name, huffman));
    parts.push(string(value, huffman));
    if (indexing === "incremental") {
      this.#table.unshift([name, value]);
      this.#evict();
    }
    return Buffer.concat(parts);
  }

  #evict(): void {
    const bytes = (): number =>
      this.#table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    while (bytes() > this.#bytesMax) this.#table.pop();
  }
}
