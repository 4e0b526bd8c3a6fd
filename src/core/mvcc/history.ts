// SPDX-License-Identifier: Apache-2.0

import { type Backend, etcdValueEnd } from "../backend/index.ts";
import type { Arena } from "./arena.ts";
import { PutEvent, type StoredEvent, TombstoneEvent } from "./event.ts";
import { KvView, writeKeyField, writeModRevision } from "./kv-view.ts";
import { encodeRevision, isTombstone, mainOf, subOf } from "./revision.ts";

/** A piece of history that never ends inside a revision. */
export interface HistorySlice {
  /** All events of revisions in [from, nextRevision), by main, then sub. */
  readonly events: readonly StoredEvent[];
  /** Where the next slice starts: above `from`, at most one above the last revision asked for. */
  readonly nextRevision: number;
}

const MOD_REVISION_BYTES = 16;

/** Reads rows of `key` as events; see `MvccStore.eventsFrom`. */
export function readHistory(
  backend: Backend,
  arena: Arena,
  fromRevision: number,
  toRevision: number,
  eventsMax: number,
  bytesMax: number,
): HistorySlice {
  const events: StoredEvent[] = [];
  let bytes = 0;
  let lastMain = -1;
  let nextRevision = toRevision + 1;
  const from = encodeRevision(Math.max(fromRevision, 0), 0, false);
  const to = encodeRevision(toRevision + 1, 0, false);
  backend.scan("key", from, to, (keys, keyStart, keyEnd, values, start, rowEnd) => {
    const main = mainOf(keys, keyStart);
    if (main !== lastMain && (events.length >= eventsMax || bytes >= bytesMax) && lastMain >= 0) {
      nextRevision = main;
      return false;
    }
    lastMain = main;
    const end = etcdValueEnd(values, start, rowEnd);
    const sub = subOf(keys, keyStart);
    const event = isTombstone(keyStart, keyEnd)
      ? tombstone(arena, values, start, end, main, sub)
      : put(arena, values, start, end, main, sub);
    events.push(event);
    bytes += event.size;
    return true;
  });
  return { events, nextRevision };
}

function put(
  arena: Arena,
  values: Uint8Array,
  start: number,
  end: number,
  main: number,
  sub: number,
): StoredEvent {
  const at = arena.copy(values, start, end);
  return new PutEvent(arena.buffer, at, at + end - start, main, sub);
}

/** A tombstone's row has only the key; its event tells the revision as well. */
function tombstone(
  arena: Arena,
  values: Uint8Array,
  start: number,
  end: number,
  main: number,
  sub: number,
): StoredEvent {
  const { key } = new KvView(values, start, end);
  const at = arena.reserve(end - start + MOD_REVISION_BYTES);
  const { buffer } = arena;
  const stop = writeModRevision(buffer, writeKeyField(buffer, at, key), main);
  arena.take(stop);
  return new TombstoneEvent(buffer, at, stop, main, sub);
}
