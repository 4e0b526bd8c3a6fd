// SPDX-License-Identifier: Apache-2.0

import { type ByteText, decodeBytes } from "../base/byte-text.ts";
import type { Terminal } from "./terminal.ts";

const NEWLINE = 0x0a;

/** Hands the standard input out line by line. */
export class LineReader {
  readonly #terminal: Terminal;
  #buffered: Uint8Array = new Uint8Array(0);
  #scanned = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The next line without its newline; undefined at the end, an unfinished last line included. */
  line(): ByteText | undefined {
    for (;;) {
      const end = this.#buffered.indexOf(NEWLINE, this.#scanned);
      if (end !== -1) {
        const line = decodeBytes(this.#buffered.subarray(0, end));
        this.#buffered = this.#buffered.subarray(end + 1);
        this.#scanned = 0;
        return line;
      }
      this.#scanned = this.#buffered.length;
      const chunk = this.#terminal.read();
      if (chunk === undefined) return undefined;
      this.#buffered = Buffer.concat([this.#buffered, chunk]);
    }
  }
}

/** Lines of the standard input without their newlines, as they come; none for an unfinished one. */
export async function* inputLines(terminal: Terminal): AsyncGenerator<ByteText> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of terminal.input()) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE, start)) {
      yield decodeBytes(rest.subarray(start, end));
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
}

/** Everything up to the end of the input that no line reader has taken. */
export function readRest(terminal: Terminal): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let chunk = terminal.read(); chunk; chunk = terminal.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
