// SPDX-License-Identifier: Apache-2.0

/** Before each message: whether it is compressed, and its length. */
export const MESSAGE_HEAD_BYTES = 5;

/** What is made of the data of a response, whose memory is the socket's. */
export interface PlainAnswer {
  /** Takes the next bytes; the text of a refusal when a message is larger than allowed. */
  data(chunk: Buffer): string | undefined;
  /** Everything has come: the message, or nothing when what came is not what it should be. */
  whole(): Uint8Array | undefined;
}

function refusal(size: number, bytesMax: number): string {
  return `grpc: received message larger than max (${size} vs. ${bytesMax})`;
}

/** The one message of a unary call. */
export class WholeAnswer implements PlainAnswer {
  readonly #bytesMax: number;
  readonly #chunks: Buffer[] = [];
  #received = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  data(chunk: Buffer): string | undefined {
    this.#chunks.push(Buffer.from(chunk));
    this.#received += chunk.length;
    const size = this.#messageBytes();
    return size === undefined || size <= this.#bytesMax ? undefined : refusal(size, this.#bytesMax);
  }

  #messageBytes(): number | undefined {
    if (this.#received < MESSAGE_HEAD_BYTES) return undefined;
    const [first = Buffer.alloc(0)] = this.#chunks;
    const head = first.length >= MESSAGE_HEAD_BYTES ? first : Buffer.concat(this.#chunks);
    return head.readUInt32BE(1);
  }

  whole(): Uint8Array | undefined {
    const body = Buffer.concat(this.#chunks);
    const isPlain = body.length >= MESSAGE_HEAD_BYTES && body[0] === 0;
    const size = isPlain ? body.readUInt32BE(1) : -1;
    if (size !== body.length - MESSAGE_HEAD_BYTES) return undefined;
    return body.subarray(MESSAGE_HEAD_BYTES);
  }
}

/** The messages of a stream, each handed over as soon as it is whole. */
export class StreamedAnswer implements PlainAnswer {
  readonly #bytesMax: number;
  readonly #take: (message: Uint8Array) => void;
  readonly #head = Buffer.alloc(MESSAGE_HEAD_BYTES);
  #headBytes = 0;
  /** For a message in several parts; used again, as messages are mostly of one size. */
  #room = Buffer.alloc(0);
  #roomBytes = 0;
  #isCompressed = false;

  /** What `take` is given is valid during the call. */
  constructor(bytesMax: number, take: (message: Uint8Array) => void) {
    this.#bytesMax = bytesMax;
    this.#take = take;
  }

  data(chunk: Buffer): string | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#headBytes < MESSAGE_HEAD_BYTES) {
        const copied = chunk.copy(this.#head, this.#headBytes, at);
        this.#headBytes += copied;
        at += copied;
        if (this.#headBytes < MESSAGE_HEAD_BYTES) return undefined;
        this.#isCompressed ||= this.#head[0] !== 0;
      }
      const size = this.#head.readUInt32BE(1);
      if (size > this.#bytesMax) return refusal(size, this.#bytesMax);
      at = this.#body(chunk, at, size);
    }
    return undefined;
  }

  /** Takes what of a message begins at `at`; where it ends. */
  #body(chunk: Buffer, at: number, size: number): number {
    const end = Math.min(chunk.length, at + size - this.#roomBytes);
    if (this.#roomBytes === 0 && end - at === size) {
      this.#hand(chunk.subarray(at, end));
      return end;
    }
    if (this.#room.length < size) this.#room = Buffer.allocUnsafe(size);
    this.#roomBytes += chunk.copy(this.#room, this.#roomBytes, at, end);
    if (this.#roomBytes === size) this.#hand(this.#room.subarray(0, size));
    return end;
  }

  #hand(message: Uint8Array): void {
    this.#headBytes = 0;
    this.#roomBytes = 0;
    if (!this.#isCompressed) this.#take(message);
  }

  whole(): Uint8Array | undefined {
    const isWhole = this.#headBytes === 0 && !this.#isCompressed;
    return isWhole ? new Uint8Array(0) : undefined;
  }
}
