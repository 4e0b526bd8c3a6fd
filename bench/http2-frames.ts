// SPDX-License-Identifier: Apache-2.0
// The little of HTTP/2 (RFC 9113) and HPACK (RFC 7541) that a load generator for unary gRPC needs.

export const frameHeadBytes = 9;
export const windowInitial = 65_535;

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
} as const;

export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;
export const ACK = 0x1;

export interface FrameHead {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
}

export function frame(head: FrameHead, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(frameHeadBytes + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes.writeUInt8(head.type, 3);
  bytes.writeUInt8(head.flags, 4);
  bytes.writeUInt32BE(head.stream, 5);
  bytes.set(payload, frameHeadBytes);
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** One setting: two bytes of name, four of value. */
function setting(name: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(name, 0);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

const settingEnablePush = 2;
const settingInitialWindow = 4;

/** What opens a connection: preface, settings and a connection window of `windowBytes`. */
export function opening(windowBytes: number): Buffer {
  const settings = Buffer.concat([
    setting(settingEnablePush, 0),
    setting(settingInitialWindow, windowBytes),
  ]);
  return Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame({ type: FrameType.SETTINGS, flags: 0, stream: 0 }, settings),
    windowUpdate(windowBytes - windowInitial),
  ]);
}

/** Widens the connection's window. */
export function windowUpdate(bytes: number): Buffer {
  return frame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(bytes));
}

function literal(text: string): Buffer {
  // One byte of length is enough: every text here is shorter than 127 bytes.
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]);
}

/** The header block of a gRPC request, without Huffman code or dynamic table. */
export function requestHeaders(path: string, authority: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x83, 0x86]), // Static table: POST, http.
    Buffer.from([0x04]), // A literal under the static name :path.
    literal(path),
    Buffer.from([0x01]), // A literal under :authority.
    literal(authority),
    Buffer.from([0x0f, 0x10]), // A literal under content-type.
    literal("application/grpc"),
    Buffer.from([0x00]), // A literal with its name.
    literal("te"),
    literal("trailers"),
  ]);
}
