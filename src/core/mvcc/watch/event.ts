// SPDX-License-Identifier: Apache-2.0

import { varintBytes, writeVarint } from "../../../base/varint.ts";

/** One change of one key, as the store wrote it. */
export interface StoredEvent {
  readonly kind: "put" | "delete";
  readonly key: Uint8Array;
  /**
   * Encoded `mvccpb.KeyValue` as the event carries it: the stored pair for a put, only key and
   * mod_revision for a delete.
   */
  readonly kv: Uint8Array;
  /** The revision of the whole change. */
  readonly main: number;
  /** The position inside the change. */
  readonly sub: number;
  /** The revision that made the key; equal to `main` for a new key, 0 for a delete. */
  readonly createRevision: number;
}

/** A piece of history that never ends inside a revision. */
export interface HistorySlice {
  /** All events of revisions in [from, nextRevision), by main, then sub. */
  readonly events: readonly StoredEvent[];
  /** Where the next slice starts: above `from`, at most one above the last revision asked for. */
  readonly nextRevision: number;
}

/** What the watch engine asks of the store. All answers describe the state at the time of call. */
export interface HistorySource {
  readonly currentRevision: number;
  /** The last compacted-to revision, or a value below 1 when nothing was ever compacted. */
  readonly compactRevision: number;
  /**
   * Events of the revisions from `fromRevision` (not below `compactRevision`) to `toRevision`,
   * both included. The slice ends at the first revision boundary at or behind `eventsMax` events
   * or `bytesMax` bytes of `kv`; at least one whole revision is returned.
   */
  eventsFrom(
    fromRevision: number,
    toRevision: number,
    eventsMax: number,
    bytesMax: number,
  ): HistorySlice;
  /**
   * The encoded `mvccpb.KeyValue` of a key as of a revision; `undefined` when the key did not
   * exist then or the revision is compacted.
   */
  getAt(key: Uint8Array, revision: number): Uint8Array | undefined;
}

const TAG_RESPONSE_EVENTS = 0x5a;
const TAG_EVENT_TYPE = 0x08;
const TAG_EVENT_KV = 0x12;
const TAG_EVENT_PREV_KV = 0x1a;
const EVENT_TYPE_DELETE = 1;

/**
 * An event on its way to watchers. It is encoded at most twice, without and with the previous
 * pair, however many watchers get it; the bytes are a whole `events` field of
 * `etcdserverpb.WatchResponse`, tag and length included, ready to be spliced in.
 */
export class OutgoingEvent {
  readonly event: StoredEvent;
  readonly #history: HistorySource;
  #plain: Uint8Array | undefined;
  #withPrevious: Uint8Array | undefined;
  #plainAlone: readonly Uint8Array[] | undefined;
  #withPreviousAlone: readonly Uint8Array[] | undefined;

  constructor(event: StoredEvent, history: HistorySource) {
    this.event = event;
    this.#history = history;
  }

  /** The encoded field, with the previous pair if asked for and if there is one. */
  field(withPrevious: boolean): Uint8Array {
    if (withPrevious) {
      this.#withPrevious ??= this.#encodeWithPrevious();
      return this.#withPrevious;
    }
    this.#plain ??= encodeEventField(this.event, undefined);
    return this.#plain;
  }

  /** The list of only this field, shared by all watchers that get nothing else. */
  alone(withPrevious: boolean): readonly Uint8Array[] {
    if (withPrevious) {
      this.#withPreviousAlone ??= [this.field(true)];
      return this.#withPreviousAlone;
    }
    this.#plainAlone ??= [this.field(false)];
    return this.#plainAlone;
  }

  #encodeWithPrevious(): Uint8Array {
    const { event } = this;
    const revision = event.main - 1;
    const exists = event.createRevision !== event.main;
    const previous = exists ? this.#history.getAt(event.key, revision) : undefined;
    return previous === undefined ? this.field(false) : encodeEventField(event, previous);
  }
}

function encodeEventField(event: StoredEvent, previous: Uint8Array | undefined): Uint8Array {
  const typeBytes = event.kind === "delete" ? 2 : 0;
  const previousBytes = previous === undefined ? 0 : nestedBytes(previous.length);
  const size = typeBytes + nestedBytes(event.kv.length) + previousBytes;
  const field = Buffer.allocUnsafe(nestedBytes(size));
  field[0] = TAG_RESPONSE_EVENTS;
  let position = writeVarint(field, 1, size);
  if (event.kind === "delete") {
    field[position++] = TAG_EVENT_TYPE;
    field[position++] = EVENT_TYPE_DELETE;
  }
  position = writeNested(field, position, TAG_EVENT_KV, event.kv);
  if (previous !== undefined) writeNested(field, position, TAG_EVENT_PREV_KV, previous);
  return field;
}

/** Size of a field with a one-byte tag, a length and that many bytes. */
function nestedBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

function writeNested(into: Uint8Array, at: number, tag: number, body: Uint8Array): number {
  into[at] = tag;
  const start = writeVarint(into, at + 1, body.length);
  into.set(body, start);
  return start + body.length;
}
