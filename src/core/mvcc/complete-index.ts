// SPDX-License-Identifier: Apache-2.0

import { type Backend, etcdValueEnd } from "../backend/index.ts";
import { KvView } from "./kv-view.ts";
import { encodeRevision, isTombstone, mainOf, subOf } from "./revision.ts";
import type { RowWriter } from "./row-writer.ts";

/**
 * Makes up what the index lacks after a crash, from the rows behind its revision. It reaches the
 * disk in pieces, so it may already have some of them, or a key in both of its tables. At most about
 * `INDEX_OPERATIONS` rows have to be looked at.
 */
export function completeIndex(backend: Backend, writer: RowWriter): void {
  const from = encodeRevision(backend.indexRevision + 1, 0, false);
  backend.scan("key", from, undefined, (keys, keyStart, keyEnd, values, start, rowEnd) => {
    const main = mainOf(keys, keyStart);
    const sub = subOf(keys, keyStart);
    const tombstone = isTombstone(keyStart, keyEnd);
    const end = etcdValueEnd(values, start, rowEnd);
    const pair = Uint8Array.prototype.slice.call(values, start, end);
    const view = new KvView(pair, 0, pair.length);
    const { key } = view;
    if (key.length > 0 && !writer.settle(key, main, sub)) {
      writer.reindex(main, sub, tombstone, view);
    }
    return true;
  });
}
