// SPDX-License-Identifier: Apache-2.0

import {
  WatchCreateRequest_FilterType as FilterType,
  type WatchCreateRequest,
  WatchRequest,
} from "../../api/gen/etcdserverpb.ts";
import { GrpcCode, type RpcError, rpcErrors } from "../../api/rpc-errors.ts";
import type {
  WatchDelivery,
  WatchHub,
  WatchRefusal,
  WatchSink,
  WatchStream,
} from "../../core/mvcc/watch/index.ts";
import { malformedMessage } from "./malformed.ts";
import type { WatchControl, WatchEncoder } from "./watch-encoding.ts";
import { splitFields } from "./watch-fragment.ts";

/** What the watch service needs of one gRPC stream. */
export interface WatchCall {
  /** Copies the message; `false` asks to wait for `onDrain` before the next one. */
  write(message: Uint8Array): boolean;
  /** Bytes taken and not yet sent. */
  readonly bufferedBytes: number;
  fail(code: number, message: string): void;
  /** Stops `onMessage`. */
  pause(): void;
  /** Goes on; messages that arrived meanwhile may be delivered before this returns. */
  resume(): void;
  readonly metadata: { get(name: string): string | undefined };
}

/** The requested interval, as it came. */
export interface RequestedRange {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

/** Whether the caller may watch the range: nothing, or why not. */
export type WatchPermission = (call: WatchCall, range: RequestedRange) => RpcError | undefined;

/** Runs something once, later; returns how to call it off. */
export type StartTimer = (delayMs: number, fire: () => void) => () => void;

/** Hears how long sending took, and of streams that broke. */
export interface StreamObserver {
  nowMs(): number;
  /** An answer to a request of the client was sent. */
  controlSent(tookMs: number): void;
  /** The watchers of a stream that want progress were looked after. */
  progressed(tookMs: number): void;
  /** What a client sent cannot be read. */
  receiveFailed(): void;
}

/** What all streams of the service share. */
export interface SessionContext {
  readonly hub: WatchHub;
  readonly encoder: WatchEncoder;
  readonly permission: WatchPermission;
  readonly startTimer: StartTimer;
  readonly observer: StreamObserver;
  /** Chosen anew for each stream. */
  readonly progressIntervalMs: () => number;
  /** A response at or above this size is split for watchers that asked for it. */
  readonly fragmentBytes: number;
  /** The hub may have work. */
  readonly wake: () => void;
  readonly onClosed: (session: WatchSession) => void;
}

/**
 * Below this many unsent bytes a stream takes the next response even if the endpoint asks to
 * wait. So a stream holds at most the larger of this and the endpoint's own mark, plus one
 * response; what comes after that is left in the store until the stream has drained.
 */
export const STREAM_BUFFER_BYTES_MAX = 1024 * 1024;

/**
 * Answers to requests that wait on a full stream. Beyond it no further request is read until the
 * stream has drained, which pushes back on the client.
 */
export const STREAM_CONTROL_BYTES_MAX = 64 * 1024;

/** What is left of a response that did not fit as a whole. */
interface UnsentFragments {
  readonly watchId: bigint;
  readonly revision: number;
  readonly pieces: (readonly Uint8Array[])[];
  next: number;
}

const NO_WATCH_ID = -1n;

const REFUSAL_REASONS: Readonly<Record<WatchRefusal, string>> = {
  compacted: rpcErrors.compacted.message,
  "empty-range": "mvcc: watcher range is empty",
  "duplicate-id": "mvcc: duplicate watch ID provided on the WatchStream",
  "too-many-watchers": "etcdserver: too many watchers on the stream",
};

/** One `Watch` stream of one client: its requests in, its watchers' responses out. */
export class WatchSession implements WatchSink {
  readonly call: WatchCall;
  readonly #context: SessionContext;
  readonly #stream: WatchStream;
  #closed = false;
  #stopTimer: (() => void) | undefined;
  /** Nothing may come between the fragments of a response. */
  #unsent: UnsentFragments | undefined;
  /** Control responses that wait behind them. */
  #heldControls: Uint8Array[] = [];
  /** Bytes of control responses since the stream last had room. */
  #controlBytes = 0;
  #paused = false;

  constructor(call: WatchCall, context: SessionContext) {
    this.call = call;
    this.#context = context;
    this.#stream = context.hub.openStream(this);
  }

  onMessage(message: Uint8Array): void {
    if (this.#closed) return;
    let request: WatchRequest;
    try {
      request = WatchRequest.decode(message);
    } catch (error) {
      const refusal = malformedMessage(error);
      this.#context.observer.receiveFailed();
      this.fail(refusal);
      return;
    }
    if (request.createRequest !== undefined) this.#create(request.createRequest);
    else if (request.cancelRequest !== undefined) this.#cancel(request.cancelRequest.watchId);
    else if (request.progressRequest !== undefined) {
      this.#context.hub.requestProgress(this.#stream);
    }
    // An unknown kind of request is ignored: a newer client keeps its stream.
  }

  /** A client that has no more requests goes on getting events. */
  onHalfClose(): void {}

  onCancel(): void {
    this.#close();
  }

  onDrain(): void {
    if (this.#closed) return;
    if (!this.#writeUnsent()) return;
    this.#controlBytes = 0;
    const held = this.#heldControls;
    this.#heldControls = [];
    for (const message of held) this.#writeControl(message);
    this.#context.hub.resume(this.#stream);
    this.#context.wake();
    if (!this.#paused) return;
    this.#paused = false;
    this.call.resume();
  }

  /** Ends the stream with this status. */
  fail(error: RpcError): void {
    if (this.#closed) return;
    this.#close();
    this.call.fail(error.code, error.message);
  }

  deliver(delivery: WatchDelivery): boolean {
    const { encoder } = this.#context;
    const { watchId, revision, compactRevision, events } = delivery;
    if (compactRevision > 0) {
      return this.#write(encoder.compacted(watchId, revision, compactRevision));
    }
    if (!delivery.fragment || events.length < 2) {
      return this.#write(encoder.events(watchId, revision, events, false));
    }
    const base = encoder.baseBytes(watchId, revision);
    const pieces = splitFields(events, base, this.#context.fragmentBytes);
    this.#unsent = { watchId, revision, pieces, next: 0 };
    return this.#writeUnsent();
  }

  #create(request: WatchCreateRequest): void {
    const { hub, permission, wake } = this.#context;
    if (request.startRevision >= 0) {
      const denied = permission(this.call, request);
      if (denied !== undefined) {
        this.#refuse(`rpc error: code = ${codeName(denied.code)} desc = ${denied.message}`);
        return;
      }
    }
    const created = hub.create(this.#stream, {
      id: request.watchId,
      key: request.key,
      rangeEnd: request.rangeEnd,
      startRevision: request.startRevision,
      withoutPuts: request.filters.includes(FilterType.NOPUT),
      withoutDeletes: request.filters.includes(FilterType.NODELETE),
      withPrevious: request.prevKv,
      fragment: request.fragment,
      progressNotify: request.progressNotify,
    });
    if (!created.ok) {
      this.#refuse(REFUSAL_REASONS[created.refusal]);
      return;
    }
    this.#control({ watchId: created.id, created: true });
    if (request.progressNotify) this.#startProgress();
    wake();
  }

  #refuse(cancelReason: string): void {
    this.#control({ watchId: NO_WATCH_ID, created: true, canceled: true, cancelReason });
  }

  #cancel(watchId: bigint): void {
    if (!this.#context.hub.cancel(this.#stream, watchId)) return;
    this.#control({ watchId, canceled: true });
  }

  /** The timer of the whole stream starts with its first watcher that wants progress. */
  #startProgress(): void {
    if (this.#closed || this.#stopTimer !== undefined) return;
    const intervalMs = this.#context.progressIntervalMs();
    const start = (): void => {
      this.#stopTimer = this.#context.startTimer(intervalMs, () => {
        start();
        const { hub, observer } = this.#context;
        const beganMs = observer.nowMs();
        hub.tickProgress(this.#stream);
        observer.progressed(observer.nowMs() - beganMs);
      });
    };
    start();
  }

  #control(fields: WatchControl): void {
    const { encoder, hub, observer } = this.#context;
    const beganMs = observer.nowMs();
    this.#writeControl(encoder.control(hub.revision, fields));
    observer.controlSent(observer.nowMs() - beganMs);
  }

  #writeControl(message: Uint8Array): void {
    if (this.#closed) return;
    if (this.#unsent !== undefined) this.#heldControls.push(new Uint8Array(message));
    else if (this.#write(message)) return;
    this.#controlBytes += message.length;
    if (this.#paused || this.#controlBytes < STREAM_CONTROL_BYTES_MAX) return;
    this.#paused = true;
    this.call.pause();
  }

  /** Writes fragments while there is room; says whether there is room after all of them. */
  #writeUnsent(): boolean {
    let room = true;
    while (room) {
      const unsent = this.#unsent;
      if (unsent === undefined) return true;
      const { watchId, revision, pieces } = unsent;
      const piece = pieces[unsent.next++] ?? [];
      const more = unsent.next < pieces.length;
      if (!more) this.#unsent = undefined;
      room = this.#write(this.#context.encoder.events(watchId, revision, piece, more));
    }
    return false;
  }

  #write(message: Uint8Array): boolean {
    return this.call.write(message) || this.call.bufferedBytes < STREAM_BUFFER_BYTES_MAX;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimer?.();
    this.#unsent = undefined;
    this.#heldControls = [];
    this.#context.hub.closeStream(this.#stream);
    this.#context.onClosed(this);
  }
}

/** The code as Go's gRPC library spells it. */
function codeName(code: number): string {
  for (const [name, value] of Object.entries(GrpcCode)) {
    if (value === code) return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  }
  return `Code(${code})`;
}
