// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../../base/bytes.ts";
import type { WatchRange } from "./watcher.ts";

const LOWEST_KEY_BYTES = 1;

/**
 * The range that a request means, with bytes of its own, or `undefined` if it is empty. An empty
 * key stands for the lowest one, the single byte 0; no range end means the one key, the range end
 * 0 everything from the key on.
 */
export function watchRange(key: Uint8Array, rangeEnd: Uint8Array): WatchRange | undefined {
  const start = key.length === 0 ? new Uint8Array(LOWEST_KEY_BYTES) : new Uint8Array(key);
  if (rangeEnd.length === 0) return { start, end: undefined, single: true };
  if (rangeEnd.length === 1 && rangeEnd[0] === 0) return { start, end: undefined, single: false };
  if (compareBytes(start, rangeEnd) >= 0) return undefined;
  return { start, end: new Uint8Array(rangeEnd), single: false };
}
