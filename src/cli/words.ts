// SPDX-License-Identifier: Apache-2.0

import type { ByteText } from "../base/byte-text.ts";
import { goUnquote } from "../base/go-quote.ts";

/**
 * Words of a line as etcdctl's prompts take them: `"..."` with Go escapes, `'...'` as it stands,
 * or a run of anything but white space that does not begin with a quote. A quote without its
 * partner is skipped; the end of a quoted word ends the word. Undefined when the escapes of a
 * quoted word are wrong.
 */
export function splitWords(line: ByteText): ByteText[] | undefined {
  const words: ByteText[] = [];
  for (const [token] of line.matchAll(/"(?:[^\\"]|\\.)*"|'[^']*'|[^\s'"]\S*/gs)) {
    const word = unquoteWord(token);
    if (word === undefined) return undefined;
    words.push(word);
  }
  return words;
}

function unquoteWord(token: ByteText): ByteText | undefined {
  if (token.startsWith('"')) return goUnquote(token);
  return token.startsWith("'") ? token.slice(1, -1) : token;
}
