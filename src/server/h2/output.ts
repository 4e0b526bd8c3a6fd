// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import type { Flushable, FlushQueue } from "./flush-queue.ts";
import { FRAME_HEADER_BYTES, putFrameHeader, putUint32 } from "./frames.ts";

const BUFFER_BYTES = 32 * 1024;
/** Reserved at once for a message of many frames: fewer, larger writes. */
export const BURST_BYTES = 256 * 1024;
/**
 * Buffers kept for reuse by the connections of an endpoint, of the usual size and of each larger
 * one; more are left to the collector, to which memory beside its heap is work of its own.
 */
const POOL_BUFFERS_MAX = 64;
const POOL_LARGE_MAX = 8;
const NO_BUFFER = Buffer.alloc(0);

/** Output buffers that no connection holds at the moment. */
export class OutputPool {
  readonly #free: Buffer[] = [];
  /** By their size: powers of two up to that of a burst. */
  readonly #large = new Map<number, Buffer[]>();

  constructor() {
    for (let size = 2 * BUFFER_BYTES; size <= BURST_BYTES; size *= 2) this.#large.set(size, []);
  }

  /** A buffer of so many bytes or, up to a burst, less than twice as many. */
  take(bytes: number): Buffer {
    if (bytes <= BUFFER_BYTES) return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    if (bytes > BURST_BYTES) return Buffer.allocUnsafeSlow(bytes);
    const size = 2 ** Math.ceil(Math.log2(bytes));
    return this.#large.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  give(buffer: Buffer): void {
    if (buffer.length === BUFFER_BYTES) {
      if (this.#free.length < POOL_BUFFERS_MAX) this.#free.push(buffer);
      return;
    }
    const large = this.#large.get(buffer.length);
    if (large !== undefined && large.length < POOL_LARGE_MAX) large.push(buffer);
  }
}

/** What the connections of an endpoint share for sending. */
export interface OutputShare {
  readonly pool: OutputPool;
  readonly flushQueue: FlushQueue;
  readonly backlogBytesMax: number;
}

/**
 * Collects what goes out on one connection, so that everything of a turn leaves in one write.
 * Callers reserve room, write into `buffer` from `position` on, and move `position`.
 */
export class Output implements Flushable {
  buffer: Buffer = NO_BUFFER;
  position = 0;
  /** The socket has more than its limit to send; no more data frames until it has drained. */
  blocked = false;
  readonly #socket: Socket;
  readonly #share: OutputShare;
  readonly #onBlocked: () => void;
  #flushDue = false;
  #closed = false;

  constructor(socket: Socket, share: OutputShare, onBlocked: () => void) {
    this.#socket = socket;
    this.#share = share;
    this.#onBlocked = onBlocked;
  }

  /** Makes room for `bytes` more, sending what is there when they do not fit behind it. */
  reserve(bytes: number): void {
    if (this.buffer.length - this.position < bytes) this.#makeRoom(bytes);
    if (!this.#flushDue) {
      this.#flushDue = true;
      this.#share.flushQueue.add(this);
    }
  }

  /**
   * Until the next flush, which is up to the caller when this answers true, nothing is scheduled.
   */
  hold(): boolean {
    if (this.#flushDue) return false;
    this.#flushDue = true;
    return true;
  }

  /** Hands what was collected to the socket. */
  flush(): void {
    this.#flushDue = false;
    if (this.buffer !== NO_BUFFER) this.#send();
  }

  #send(): void {
    const { buffer, position } = this;
    this.position = 0;
    this.buffer = NO_BUFFER;
    if (position === 0 || this.#closed) {
      this.#share.pool.give(buffer);
      return;
    }
    const bytes = buffer.subarray(0, position);
    const { pool } = this.#share;
    const isLarge = buffer.length > BUFFER_BYTES;
    const taken = isLarge
      ? this.#socket.write(bytes, () => pool.give(buffer))
      : this.#socket.write(bytes);
    // Nothing left to write means that the kernel has its copy and the buffer is free again.
    if (this.#socket.writableLength === 0) {
      if (!isLarge) pool.give(buffer);
    } else if (!taken && !this.blocked) {
      if (this.#socket.writableLength <= this.#share.backlogBytesMax) return;
      this.blocked = true;
      this.#onBlocked();
    }
  }

  #makeRoom(bytes: number): void {
    if (this.buffer !== NO_BUFFER) this.#send();
    this.buffer = this.#share.pool.take(bytes);
  }

  /** From now on what is collected is dropped. */
  close(): void {
    this.#closed = true;
    this.flush();
  }

  /** A frame whose payload is one 32-bit number: RST_STREAM or WINDOW_UPDATE. */
  number(type: number, streamId: number, value: number): void {
    this.reserve(FRAME_HEADER_BYTES + 4);
    const at = putFrameHeader(this.buffer, this.position, 4, type, 0, streamId);
    this.position = putUint32(this.buffer, at, value);
  }

  /** A frame with a ready payload. */
  frame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    this.reserve(FRAME_HEADER_BYTES + payload.length);
    const { length } = payload;
    const at = putFrameHeader(this.buffer, this.position, length, type, flags, streamId);
    this.buffer.set(payload, at);
    this.position = at + length;
  }
}
