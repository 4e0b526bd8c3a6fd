// SPDX-License-Identifier: Apache-2.0

/** Bounds of the watch engine; every one has its answer in the comment. */
export interface WatchLimits {
  /** Ids in use on one stream. Beyond it a create is refused with "too-many-watchers". */
  readonly streamWatchersMax: number;
  /** Bytes of keys and range ends that one stream's watchers may hold; refused likewise. */
  readonly streamRangeBytesMax: number;
  /**
   * Responses that one call of `notify` hands out. Watchers that would get more are left to the
   * sliced catch-up, so that a big batch with many watchers cannot hold up the loop.
   */
  readonly notifyResponsesMax: number;
  /** Bytes of events that one call of `notify` hands out; the rest is left likewise. */
  readonly notifyBytesMax: number;
  /** Watchers that one catch-up step serves; the others wait for their turn. */
  readonly stepWatchersMax: number;
  /** Waiting watchers that one step looks at to find those it can serve together. */
  readonly stepScanMax: number;
  /** Events times watchers of one step: the more watchers, the shorter the slice they share. */
  readonly stepWorkMax: number;
  /**
   * Bytes of events that one step hands out, over all watchers, before it leaves the others to the
   * next one.
   */
  readonly stepBytesMax: number;
  /** Events of one slice of history, so also of one catch-up response; etcd has the same 1000. */
  readonly sliceEventsMax: number;
  /** The slice never gets shorter than this, however many watchers share it. */
  readonly sliceEventsMin: number;
  /** Bytes of one slice of history when few watchers share it; it ends behind the revision. */
  readonly sliceBytesMax: number;
  /** The same when many share it. */
  readonly sliceBytesMin: number;
}

export const DEFAULT_WATCH_LIMITS: WatchLimits = {
  streamWatchersMax: 200_000,
  streamRangeBytesMax: 64 * 1024 * 1024,
  notifyResponsesMax: 20_000,
  notifyBytesMax: 16 * 1024 * 1024,
  stepWatchersMax: 512,
  stepScanMax: 4096,
  stepWorkMax: 65_536,
  stepBytesMax: 4 * 1024 * 1024,
  sliceEventsMax: 1000,
  sliceEventsMin: 64,
  sliceBytesMax: 16 * 1024 * 1024,
  sliceBytesMin: 1024 * 1024,
};
