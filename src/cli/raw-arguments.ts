// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { type ByteText, decodeBytes } from "../base/byte-text.ts";

/**
 * The words of the command line with undecodable bytes kept. Node has already replaced them with
 * U+FFFD; where the system shows the raw words, they are read from there.
 */
export function rawArguments(words: readonly string[]): readonly ByteText[] {
  if (!words.some((word) => word.includes("\ufffd"))) return words;
  try {
    const raw = readFileSync("/proc/self/cmdline");
    const all: ByteText[] = [];
    let start = 0;
    for (let end = raw.indexOf(0); end !== -1; end = raw.indexOf(0, start)) {
      all.push(decodeBytes(raw.subarray(start, end)));
      start = end + 1;
    }
    return all.slice(all.length - words.length);
  } catch {
    // No /proc on this system: the words stay as Node gave them.
    return words;
  }
}
