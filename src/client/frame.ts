// SPDX-License-Identifier: Apache-2.0

/** The frames and error codes of HTTP/2 (RFC 9113) that a client meets. */
export const FrameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FrameFlag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  streamsMax: 3,
  initialWindow: 4,
  frameBytesMax: 5,
} as const;

export const FRAME_HEAD_BYTES = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly body: Buffer;
}

export function encodeFrame(type: number, flags: number, stream: number, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + body.length);
  frame.writeUIntBE(body.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream, 5);
  frame.set(body, FRAME_HEAD_BYTES);
  return frame;
}

export function encodeSettings(
  settings: readonly (readonly [id: number, value: number])[],
): Buffer {
  const body = Buffer.alloc(settings.length * 6);
  for (const [index, [id, value]] of settings.entries()) {
    body.writeUInt16BE(id, index * 6);
    body.writeUInt32BE(value, index * 6 + 2);
  }
  return encodeFrame(FrameType.settings, 0, 0, body);
}

export function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A header field that no table is needed for, octets as they are. */
export function encodeField(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.of(0),
    lengthPrefixed(Buffer.from(name, "latin1")),
    lengthPrefixed(Buffer.from(value, "latin1")),
  ]);
}

const LENGTH_PREFIX_MAX = 0x7f;

function lengthPrefixed(text: Buffer): Buffer {
  if (text.length < LENGTH_PREFIX_MAX) return Buffer.concat([Buffer.of(text.length), text]);
  const length = [LENGTH_PREFIX_MAX];
  let rest = text.length - LENGTH_PREFIX_MAX;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), text]);
}

/** Cuts what arrives into frames. */
export class FrameReader {
  /** The beginning of a frame whose end has not come yet. */
  #rest: Buffer = Buffer.alloc(0);
  readonly #bodyBytesMax: number;

  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  /**
   * The frames that are whole by now; undefined when one is larger than allowed. Their bodies may
   * lie in the chunk's memory, which is free to be used again once they are done with.
   */
  take(chunk: Buffer): Frame[] | undefined {
    const frames: Frame[] = [];
    let start = 0;
    while (this.#rest.length > 0 && start < chunk.length) {
      const size = this.#frameBytes(this.#rest, 0);
      if (size > this.#bodyBytesMax + FRAME_HEAD_BYTES) return undefined;
      const more = chunk.subarray(start, start + size - this.#rest.length);
      start += more.length;
      this.#rest = Buffer.concat([this.#rest, more]);
      if (this.#rest.length < this.#frameBytes(this.#rest, 0)) continue;
      frames.push(frameAt(this.#rest, 0, this.#rest.length));
      this.#rest = Buffer.alloc(0);
    }
    while (start < chunk.length) {
      const end = start + this.#frameBytes(chunk, start);
      if (end - start > this.#bodyBytesMax + FRAME_HEAD_BYTES) return undefined;
      if (end > chunk.length) break;
      frames.push(frameAt(chunk, start, end));
      start = end;
    }
    if (start < chunk.length) this.#rest = Buffer.from(chunk.subarray(start));
    return frames;
  }

  /** Bytes of the frame that begins there; while its head is not whole, of that. */
  #frameBytes(bytes: Buffer, start: number): number {
    const hasHead = bytes.length - start >= FRAME_HEAD_BYTES;
    return FRAME_HEAD_BYTES + (hasHead ? bytes.readUIntBE(start, 3) : 0);
  }
}

function frameAt(bytes: Buffer, start: number, end: number): Frame {
  return {
    type: bytes[start + 3] ?? 0,
    flags: bytes[start + 4] ?? 0,
    stream: bytes.readUInt32BE(start + 5) & 0x7fffffff,
    body: bytes.subarray(start + FRAME_HEAD_BYTES, end),
  };
}
