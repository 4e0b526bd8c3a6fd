// SPDX-License-Identifier: Apache-2.0

/** Decides whether a line is written; called once for each line that passes the level. */
export type LogSampler = (level: string, message: string, monotonicMs: number) => boolean;

const WINDOW_MS = 1000;
const FIRST_LINES = 100;
const EVERY_NTH_LINE = 100;
/** Different messages counted in one window; further ones are written without being counted. */
const MESSAGES_MAX = 4096;

/**
 * zap's sampling as etcd sets it: of equal messages within a second the first hundred are
 * written, then every hundredth. It keeps a warning that repeats per request from taking over.
 */
export function createSampler(): LogSampler {
  let windowEndsMs = Number.NEGATIVE_INFINITY;
  const counts = new Map<string, number>();
  return (level, message, monotonicMs) => {
    if (monotonicMs >= windowEndsMs) {
      counts.clear();
      windowEndsMs = monotonicMs + WINDOW_MS;
    }
    const key = `${level}\n${message}`;
    const count = (counts.get(key) ?? 0) + 1;
    if (count > 1 || counts.size < MESSAGES_MAX) counts.set(key, count);
    return count <= FIRST_LINES || (count - FIRST_LINES) % EVERY_NTH_LINE === 0;
  };
}
