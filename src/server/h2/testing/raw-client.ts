// SPDX-License-Identifier: Apache-2.0

import { connect, type Socket } from "node:net";
import { HpackDecoder } from "../../../base/hpack/hpack-decoder.ts";
import {
  clientPreface,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_DATA,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_PING,
  FRAME_RST_STREAM,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
  putFrameHeader,
  uint32At,
} from "../frames.ts";
import { type Field, literal } from "./hpack-twin.ts";

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

export interface GoAway {
  readonly lastStreamId: number;
  readonly code: number;
  readonly text: string;
}

export function frame(type: number, flags: number, id: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.set(payload, putFrameHeader(bytes, 0, payload.length, type, flags, id));
  return bytes;
}

/** The payload of a frame that holds one 32-bit number. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function setting(name: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(name);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

export function settings(...entries: Buffer[]): Buffer {
  return frame(FRAME_SETTINGS, 0, 0, Buffer.concat(entries));
}

export function requestFields(path: string, extra: readonly Field[] = []): Field[] {
  return [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "test"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ...extra,
  ];
}

export function block(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)));
}

export function headers(id: number, fields: readonly Field[], flags = FLAG_END_HEADERS): Buffer {
  return frame(FRAME_HEADERS, flags, id, block(fields));
}

/** A gRPC message with its prefix. */
export function message(text: string | Uint8Array, flag = 0): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from([flag]), number(body.length), body]);
}

export function data(id: number, payload: Uint8Array, flags = 0): Buffer {
  return frame(FRAME_DATA, flags, id, payload);
}

/** A whole unary request. */
export function request(id: number, path: string, text = "", extra: readonly Field[] = []): Buffer {
  return Buffer.concat([
    headers(id, requestFields(path, extra)),
    data(id, message(text), FLAG_END_STREAM),
  ]);
}

/** Speaks HTTP/2 by the byte, and sees what comes back frame by frame. */
export class RawClient {
  readonly frames: Frame[] = [];
  /** Response fields per stream, in order: headers and trailers in one list. */
  readonly fields = new Map<number, Field[]>();
  closed = false;
  readonly socket: Socket;
  readonly #decoder = new HpackDecoder(1 << 20);
  readonly #waiting = new Set<() => void>();
  #rest: Buffer = Buffer.alloc(0);

  constructor(port: number) {
    this.socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.socket.on("data", (chunk: Buffer) => this.#received(chunk));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** A client that has sent its preface and SETTINGS. */
  static greet(port: number, ...entries: Buffer[]): RawClient {
    const client = new RawClient(port);
    client.send(clientPreface, settings(...entries));
    return client;
  }

  send(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Resolves when `found` gives something; rejects when the connection closes before. */
  async until<T>(found: () => T | undefined): Promise<T> {
    for (;;) {
      const result = found();
      if (result !== undefined) return result;
      if (this.closed) throw new Error(`closed after ${JSON.stringify(this.frames)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async untilClosed(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  of(type: number, id?: number): Frame[] {
    return this.frames.filter((each) => each.type === type && (id === undefined || each.id === id));
  }

  /** The code of the RST_STREAM that a stream gets. */
  reset(id: number): Promise<number> {
    return this.until(() => {
      const [found] = this.of(FRAME_RST_STREAM, id);
      return found === undefined ? undefined : uint32At(found.payload, 0);
    });
  }

  goAway(): Promise<GoAway> {
    return this.until(() => {
      const [found] = this.of(FRAME_GOAWAY);
      if (found === undefined) return undefined;
      const { payload } = found;
      return {
        lastStreamId: uint32At(payload, 0),
        code: uint32At(payload, 4),
        text: payload.toString("latin1", 8),
      };
    });
  }

  /** The headers and trailers of a stream's response, once it has ended. */
  response(id: number): Promise<Record<string, string>> {
    return this.until(() => {
      const ended = this.of(FRAME_HEADERS, id).some((each) => (each.flags & FLAG_END_STREAM) !== 0);
      return ended ? Object.fromEntries(this.fields.get(id) ?? []) : undefined;
    });
  }

  /** The data of a stream so far. */
  body(id: number): Buffer {
    return Buffer.concat(this.of(FRAME_DATA, id).map((each) => each.payload));
  }

  /** Resolves when everything sent before was handled: the answer to a ping. */
  async handled(): Promise<void> {
    const before = this.of(FRAME_PING).length;
    this.send(frame(FRAME_PING, 0, 0, Buffer.alloc(8)));
    await this.until(() => {
      const pongs = this.of(FRAME_PING).slice(before);
      return pongs.find((each) => (each.flags & FLAG_ACK) !== 0);
    });
  }

  widen(id: number, bytes: number): void {
    this.send(frame(FRAME_WINDOW_UPDATE, 0, id, number(bytes)));
  }

  #received(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 9) {
      const end = 9 + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) break;
      const found: Frame = {
        type: this.#rest.readUInt8(3),
        flags: this.#rest.readUInt8(4),
        id: this.#rest.readUInt32BE(5),
        payload: this.#rest.subarray(9, end),
      };
      this.#rest = this.#rest.subarray(end);
      this.frames.push(found);
      if (found.type === FRAME_HEADERS) this.#decode(found);
    }
    this.#wake();
  }

  #decode({ id, payload }: Frame): void {
    const known = this.fields.get(id) ?? [];
    for (const entry of this.#decoder.decode(payload, 0, payload.length)) {
      known.push([entry.name, entry.value]);
    }
    this.fields.set(id, known);
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
