// SPDX-License-Identifier: Apache-2.0

import { Socket } from "node:net";

/** A socket without a network: it keeps what is written, and says at once that it is gone. */
export class FuzzSocket extends Socket {
  override readonly writableLength = 0;
  override destroyed = false;
  readonly written: Buffer[] = [];
  /** The endpoint has said that nothing more comes. */
  ended = false;
  reading = true;

  override write(chunk: Uint8Array | string): boolean {
    // The endpoint uses its buffer again.
    this.written.push(Buffer.from(chunk));
    return true;
  }

  override end(): this {
    this.ended = true;
    return this;
  }

  override pause(): this {
    this.reading = false;
    return this;
  }

  override resume(): this {
    this.reading = true;
    return this;
  }

  override destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.emit("close");
    return this;
  }
}
