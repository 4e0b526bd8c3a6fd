// SPDX-License-Identifier: Apache-2.0

import type { Watcher, WatchStream } from "./watcher.ts";

/** Stands for all watchers of a stream in a progress response. */
export const ALL_WATCHERS_ID = -1n;

/**
 * Answers a client's progress request: one response for the whole stream if every watcher has
 * been handed everything up to the revision, otherwise nothing, and the client asks again. While
 * the sink has no room one answer stays owed, for any number of requests.
 */
export function requestProgress(stream: WatchStream, revision: number): void {
  if (!allReached(stream, revision)) return;
  if (!stream.ready) {
    stream.progressOwed = true;
    return;
  }
  deliverProgress(stream, ALL_WATCHERS_ID, revision);
}

/** The sink has room again: settles what is owed, unless watchers fell behind meanwhile. */
export function settleProgress(stream: WatchStream, revision: number): void {
  if (!stream.progressOwed) return;
  stream.progressOwed = false;
  requestProgress(stream, revision);
}

/**
 * The interval of periodic progress is over: watchers that asked for it, and got no event during
 * the interval, are told the revision. Without room the turn is skipped and stays due.
 */
export function tickProgress(stream: WatchStream, revision: number): void {
  for (const watcher of stream.watchers.values()) {
    if (!watcher.options.progressNotify) continue;
    if (!stream.ready) return;
    if (watcher.progressDue && hasReached(watcher, revision)) {
      deliverProgress(stream, watcher.id, revision);
    }
    watcher.progressDue = true;
  }
}

function allReached(stream: WatchStream, revision: number): boolean {
  if (stream.watchers.size === 0 || stream.laggingCount > 0) return false;
  for (const watcher of stream.watchers.values()) {
    if (!hasReached(watcher, revision)) return false;
  }
  return true;
}

/** A watcher of the future has not reached anything before its start. */
function hasReached(watcher: Watcher, revision: number): boolean {
  return watcher.state === "synced" && watcher.options.startRevision <= revision;
}

function deliverProgress(stream: WatchStream, watchId: bigint, revision: number): void {
  stream.deliver({ watchId, revision, compactRevision: 0, fragment: false, events: [] });
}
