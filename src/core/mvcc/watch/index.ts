// SPDX-License-Identifier: Apache-2.0

/**
 * The watch engine: who gets which event, in which response, and what happens to those who do not
 * keep up. Synchronous and deterministic; it opens no socket and owns no timer.
 *
 * How it is driven:
 * - after each apply batch the loop calls `notify` with the batch's events;
 * - while `hasWork()` the shell calls `step()` once per turn: each call reads one bounded slice of
 *   history for the watchers that lag;
 * - a stream's sink takes responses and says when it is full; the shell calls `resume` when it has
 *   drained; `tickProgress` is called when a stream's progress interval is over.
 *
 * A watcher is in one of these states:
 *
 *     synced ──(its stream is full, or the batch is too big)──▶ victim or unsynced
 *     victim ──(stream has room)──▶ unsynced ──(read up to the hub's revision)──▶ synced
 *     unsynced ──(position compacted)──▶ closed, with a cancel that carries compact_revision
 *
 * Invariants:
 * - A watcher is handed every event of its range from its start on, in order of revision, once;
 *   or it is told that it was cancelled. A lagging watcher holds a position, never events: it
 *   reads what it missed from the store.
 * - The events of one revision for one watcher are in one response.
 * - The engine buffers nothing: what is on its way is in the sinks, each of which has a bound of
 *   its own. A full sink stops its own stream only.
 * - Live responses carry the revision of their events in the header, catch-up responses the
 *   hub's revision at the time. Progress is reported only for what was handed out before.
 * - An event is encoded once (once more with the previous pair) and shared by all watchers.
 * - An event finds its watchers by hash or interval tree; nobody else is looked at.
 *
 * Left to others: response headers, fragments and permissions (`server/grpc/watch`), the store
 * (`HistorySource`, fulfilled by the MVCC store), scheduling (`server/replica/watch-fanout`).
 */
export type { HistorySlice, HistorySource, StoredEvent } from "./event.ts";
export { DEFAULT_WATCH_LIMITS, type WatchLimits } from "./limits.ts";
export { ALL_WATCHERS_ID } from "./progress.ts";
export {
  type WatchCreate,
  type WatchCreated,
  WatchHub,
  type WatchHubOptions,
  type WatchRefusal,
  type WatchStats,
} from "./watch-hub.ts";
export type { WatchDelivery, WatchSink, WatchStream } from "./watcher.ts";
