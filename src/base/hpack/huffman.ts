// SPDX-License-Identifier: Apache-2.0

/**
 * Bits per symbol of the code in RFC 7541, appendix B; the last entry is the end-of-string
 * symbol. The code is canonical, so the lengths are enough to rebuild it.
 */
export const huffmanCodeBits: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
  28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5,
  6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6,
  7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23,
  23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22,
  22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22,
  23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27,
  27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25,
  24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];
export const HUFFMAN_END_OF_STRING = 256;

/** The code words, rebuilt from their lengths: shortest first, then in symbol order. */
export function huffmanCodes(): number[] {
  const codes = new Array<number>(huffmanCodeBits.length).fill(0);
  let code = 0;
  for (let bits = 1; bits <= 30; bits++) {
    for (let symbol = 0; symbol < codes.length; symbol++) {
      if (huffmanCodeBits[symbol] === bits) codes[symbol] = code++;
    }
    code *= 2;
  }
  return codes;
}

/**
 * Decoding tables of 256 entries each, indexed by the next eight bits. An entry is
 * `symbol << 8 | bits` for a finished code word, `-table` for one that goes on in another table.
 */
function buildTables(): Int32Array[] {
  const tables = [new Int32Array(256)];
  const codes = huffmanCodes();
  for (let symbol = 0; symbol < codes.length; symbol++) {
    let bits = huffmanCodeBits[symbol] ?? 0;
    const code = codes[symbol] ?? 0;
    let table = 0;
    while (bits > 8) {
      bits -= 8;
      const slot = (code >>> bits) & 0xff;
      const current = tables[table];
      if (current === undefined) break;
      if (current[slot] === 0) current[slot] = -tables.push(new Int32Array(256)) + 1;
      table = -(current[slot] ?? 0);
    }
    const first = (code << (8 - bits)) & 0xff;
    tables[table]?.fill((symbol << 8) | bits, first, first + (1 << (8 - bits)));
  }
  return tables;
}

const tables: readonly Int32Array[] = buildTables();
const root: Int32Array = tables[0] ?? new Int32Array(256);

/**
 * Decodes `bytes[start, end)` into `target`, which must hold 8/5 of the input. Returns the number
 * of bytes written, or -1 when the input is not a valid code (also when it spells out the
 * end-of-string symbol or is padded by anything but up to seven one bits).
 */
export function huffmanDecode(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
): number {
  let written = 0;
  let pending = 0;
  let pendingBits = 0;
  let table = root;
  let wordBits = 0;
  let position = start;
  for (;;) {
    if (pendingBits < 8 && position < end) {
      pending = ((pending << 8) | (bytes[position++] ?? 0)) & 0xffff;
      pendingBits += 8;
    }
    if (pendingBits === 0) break;
    const index =
      pendingBits >= 8
        ? (pending >>> (pendingBits - 8)) & 0xff
        : ((pending << (8 - pendingBits)) | (0xff >>> pendingBits)) & 0xff;
    const entry = table[index] ?? 0;
    if (entry < 0) {
      if (pendingBits < 8) break;
      pendingBits -= 8;
      wordBits += 8;
      table = tables[-entry] ?? root;
      continue;
    }
    const used = entry & 0xff;
    const symbol = entry >>> 8;
    if (used > pendingBits) break;
    if (symbol === HUFFMAN_END_OF_STRING) return -1;
    target[written++] = symbol;
    pendingBits -= used;
    table = root;
    wordBits = 0;
  }
  const tail = pending & ((1 << pendingBits) - 1);
  const padded = wordBits + pendingBits < 8 && tail === (1 << pendingBits) - 1;
  return padded ? written : -1;
}
