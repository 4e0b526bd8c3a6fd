// SPDX-License-Identifier: Apache-2.0

import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  clientPreface,
  ErrorCode,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_PING,
  FRAME_PRIORITY,
  FRAME_PUSH_PROMISE,
  FRAME_RST_STREAM,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
} from "./frames.ts";
import type { GrpcEndpointOptions, H2Limits, Method } from "./index.ts";
import {
  block,
  data,
  frame,
  headers,
  message,
  number,
  RawClient,
  request,
  requestFields,
  setting,
  settings,
} from "./testing/raw-client.ts";
import {
  ECHO,
  echo,
  greet as greetServed,
  HOLD,
  hold,
  ManualClock,
  serve,
} from "./testing/served-endpoint.ts";

async function greet(
  limits: Partial<H2Limits> = {},
  options: Partial<GrpcEndpointOptions> = {},
): Promise<RawClient> {
  return greetServed(await serve(undefined, { limits, ...options }));
}

function times(count: number, frameBytes: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frameBytes));
}

const open = headers(1, requestFields(ECHO));

describe("a connection that breaks the protocol is told how and closed", () => {
  const { protocolError, frameSizeError, flowControlError, streamClosed, compressionError } =
    ErrorCode;
  test.each<[string, number, Buffer[]]>([
    ["a frame above the limit", frameSizeError, [frame(FRAME_DATA, 0, 1, Buffer.alloc(16_385))]],
    ["DATA on stream 0", protocolError, [data(0, Buffer.alloc(1))]],
    ["DATA on an idle stream", protocolError, [data(1, Buffer.alloc(1))]],
    ["DATA on an even stream", protocolError, [open, data(2, Buffer.alloc(1))]],
    [
      "padding longer than DATA",
      protocolError,
      [open, frame(FRAME_DATA, FLAG_PADDED, 1, Buffer.from([9, 0]))],
    ],
    [
      "padded DATA without a byte",
      protocolError,
      [open, frame(FRAME_DATA, FLAG_PADDED, 1, Buffer.alloc(0))],
    ],
    ["HEADERS on stream 0", protocolError, [headers(0, requestFields(ECHO))]],
    ["HEADERS on an even stream", protocolError, [headers(2, requestFields(ECHO))]],
    [
      "HEADERS on a closed stream",
      streamClosed,
      [request(3, ECHO), headers(1, requestFields(ECHO))],
    ],
    ["HEADERS after END_STREAM", streamClosed, [request(1, ECHO), headers(1, requestFields(ECHO))]],
    [
      "padding longer than HEADERS",
      protocolError,
      [frame(FRAME_HEADERS, FLAG_END_HEADERS | FLAG_PADDED, 1, Buffer.from([9, 0]))],
    ],
    [
      "padded HEADERS without a byte",
      frameSizeError,
      [frame(FRAME_HEADERS, FLAG_END_HEADERS | FLAG_PADDED, 1, Buffer.alloc(0))],
    ],
    [
      "a header block that is not HPACK",
      compressionError,
      [frame(FRAME_HEADERS, FLAG_END_HEADERS, 1, Buffer.from([0x80]))],
    ],
    [
      "a frame inside a header block",
      protocolError,
      [headers(1, requestFields(ECHO), 0), data(1, Buffer.alloc(0))],
    ],
    [
      "a CONTINUATION of another stream",
      protocolError,
      [
        headers(1, requestFields(ECHO), 0),
        frame(FRAME_CONTINUATION, FLAG_END_HEADERS, 3, Buffer.alloc(0)),
      ],
    ],
    [
      "a CONTINUATION of nothing",
      protocolError,
      [frame(FRAME_CONTINUATION, FLAG_END_HEADERS, 1, Buffer.alloc(0))],
    ],
    [
      "PUSH_PROMISE",
      protocolError,
      [frame(FRAME_PUSH_PROMISE, FLAG_END_HEADERS, 1, Buffer.alloc(4))],
    ],
    ["PRIORITY on stream 0", protocolError, [frame(FRAME_PRIORITY, 0, 0, Buffer.alloc(5))]],
    ["PRIORITY of a wrong size", frameSizeError, [frame(FRAME_PRIORITY, 0, 1, Buffer.alloc(4))]],
    ["RST_STREAM on an idle stream", protocolError, [frame(FRAME_RST_STREAM, 0, 1, number(8))]],
    ["RST_STREAM on stream 0", protocolError, [frame(FRAME_RST_STREAM, 0, 0, number(8))]],
    [
      "RST_STREAM of a wrong size",
      frameSizeError,
      [open, frame(FRAME_RST_STREAM, 0, 1, Buffer.alloc(3))],
    ],
    ["SETTINGS on a stream", protocolError, [frame(FRAME_SETTINGS, 0, 1, Buffer.alloc(0))]],
    ["SETTINGS of a wrong size", frameSizeError, [frame(FRAME_SETTINGS, 0, 0, Buffer.alloc(5))]],
    [
      "a SETTINGS ack with a payload",
      frameSizeError,
      [frame(FRAME_SETTINGS, FLAG_ACK, 0, setting(4, 1))],
    ],
    ["a push setting above 1", protocolError, [settings(setting(2, 2))]],
    ["an initial window above the largest", flowControlError, [settings(setting(4, 0x8000_0000))]],
    ["a frame size below the smallest", protocolError, [settings(setting(5, 16_383))]],
    ["a frame size above the largest", protocolError, [settings(setting(5, 0x100_0000))]],
    ["PING on a stream", protocolError, [frame(FRAME_PING, 0, 1, Buffer.alloc(8))]],
    ["PING of a wrong size", frameSizeError, [frame(FRAME_PING, 0, 0, Buffer.alloc(7))]],
    [
      "WINDOW_UPDATE of a wrong size",
      frameSizeError,
      [frame(FRAME_WINDOW_UPDATE, 0, 0, Buffer.alloc(5))],
    ],
    ["WINDOW_UPDATE of 0", protocolError, [frame(FRAME_WINDOW_UPDATE, 0, 0, number(0))]],
    [
      "WINDOW_UPDATE on an idle stream",
      protocolError,
      [frame(FRAME_WINDOW_UPDATE, 0, 5, number(1))],
    ],
    [
      "a connection window that overflows",
      flowControlError,
      [frame(FRAME_WINDOW_UPDATE, 0, 0, number(0x7fff_ffff))],
    ],
    [
      "a stream window that overflows by SETTINGS",
      flowControlError,
      [
        open,
        frame(FRAME_WINDOW_UPDATE, 0, 1, number(0x7fff_0000)),
        settings(setting(4, 0x7fff_ffff)),
      ],
    ],
  ])("%s", async (_what, code, frames) => {
    const served = await serve();
    const client = greetServed(served);
    client.send(...frames);
    expect(await client.goAway()).toMatchObject({ code });
    await client.untilClosed();
    await served.endpoint.drain();
    expect(served.endpoint).toMatchObject({ openStreams: 0, protocolErrors: 1 });
    expect(served.protocolErrors).toHaveLength(1);
  });

  test("something else than the preface", async () => {
    const client = new RawClient((await serve()).port);
    client.send(Buffer.from("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"));
    expect(await client.goAway()).toMatchObject({ code: ErrorCode.protocolError });
    await client.untilClosed();
  });

  test("another frame than SETTINGS first", async () => {
    const client = new RawClient((await serve()).port);
    client.send(clientPreface, frame(FRAME_PING, 0, 0, Buffer.alloc(8)));
    expect(await client.goAway()).toMatchObject({ code: ErrorCode.protocolError });
    await client.untilClosed();
  });

  test("nothing at all, for too long", async () => {
    const client = new RawClient(
      (await serve(undefined, { limits: { handshakeTimeoutMs: 20 } })).port,
    );
    await client.untilClosed();
  });
});

describe("a stream that breaks the protocol is reset, and the connection goes on", () => {
  const pseudo = requestFields(ECHO).slice(0, 4);
  test.each<[string, number, Buffer[]]>([
    [
      "no path",
      ErrorCode.protocolError,
      [
        headers(
          1,
          requestFields(ECHO).filter(([name]) => name !== ":path"),
        ),
      ],
    ],
    ["no method", ErrorCode.protocolError, [headers(1, requestFields(ECHO).slice(1))]],
    ["no headers at all", ErrorCode.protocolError, [headers(1, [])]],
    ["two paths", ErrorCode.protocolError, [headers(1, [[":path", "/"], ...requestFields(ECHO)])]],
    [
      "a pseudo header of a response",
      ErrorCode.protocolError,
      [headers(1, [[":status", "200"], ...requestFields(ECHO)])],
    ],
    [
      "a pseudo header behind others",
      ErrorCode.protocolError,
      [headers(1, [["a", "b"], ...pseudo])],
    ],
    [
      "a name in upper case",
      ErrorCode.protocolError,
      [headers(1, requestFields(ECHO, [["Upper", "x"]]))],
    ],
    [
      "a value with a line break",
      ErrorCode.protocolError,
      [headers(1, requestFields(ECHO, [["a", "x\ny"]]))],
    ],
    [
      "a connection header",
      ErrorCode.protocolError,
      [headers(1, requestFields(ECHO, [["connection", "close"]]))],
    ],
    [
      "headers above the limit",
      ErrorCode.frameSizeError,
      [headers(1, requestFields(ECHO, [["a", "x".repeat(9000)]]))],
    ],
    ["trailers that do not end it", ErrorCode.protocolError, [open, headers(1, [["a", "b"]])]],
    [
      "DATA behind its end",
      ErrorCode.streamClosed,
      [
        headers(1, requestFields(HOLD)),
        data(1, Buffer.alloc(0), FLAG_END_STREAM),
        data(1, Buffer.alloc(1)),
      ],
    ],
    [
      "more data than its window",
      ErrorCode.flowControlError,
      [open, ...Array.from({ length: 3 }, () => data(1, Buffer.alloc(10_000, 0xff)))],
    ],
    [
      "a window that overflows",
      ErrorCode.flowControlError,
      [open, frame(FRAME_WINDOW_UPDATE, 0, 1, number(0x7fff_ffff))],
    ],
    [
      "a window update of 0",
      ErrorCode.protocolError,
      [open, frame(FRAME_WINDOW_UPDATE, 0, 1, number(0))],
    ],
  ])("%s", async (what, code, frames) => {
    const paused: Method = {
      kind: "stream",
      handler: (call) => {
        call.pause();
        return { onMessage: () => {}, onHalfClose: () => {}, onCancel: () => {} };
      },
    };
    const methods = {
      [ECHO]: what === "more data than its window" ? paused : echo,
      [HOLD]: hold,
      "/t.S/Alive": echo,
    };
    const limits = { headerListBytesMax: 8192, streamWindowBytes: 25_000 };
    const served = await serve(methods, { limits });
    const client = greetServed(served);
    client.send(...frames);
    expect(await client.reset(1)).toBe(code);
    client.send(request(5, "/t.S/Alive", "alive"));
    expect(await client.response(5)).toMatchObject({ "grpc-status": "0" });
    expect(served.endpoint.openStreams).toBe(0);
  });

  test("one stream more than allowed is refused, until another one ends", async () => {
    const client = await greet({ maxConcurrentStreams: 2 });
    for (const id of [1, 3, 5]) client.send(headers(id, requestFields(HOLD)));
    expect(await client.reset(5)).toBe(ErrorCode.refusedStream);
    client.send(frame(FRAME_RST_STREAM, 0, 1, number(8)), request(7, ECHO, "now"));
    expect(await client.response(7)).toMatchObject({ "grpc-status": "0" });
  });
});

describe("a request that breaks gRPC's framing fails with a status", () => {
  test.each<[string, Partial<H2Limits>, string, string, Buffer[]]>([
    [
      "a message that is cut off",
      {},
      "2",
      "unexpected EOF",
      [data(1, message("abc").subarray(0, 6), FLAG_END_STREAM)],
    ],
    ["a prefix that is cut off", {}, "2", "EOF", [data(1, Buffer.from([0, 0]), FLAG_END_STREAM)]],
    [
      "bytes behind the message",
      {},
      "13",
      "cardinality violation: received multiple request messages for non-client-streaming RPC",
      [data(1, Buffer.concat([message("abc"), Buffer.from([0])]), FLAG_END_STREAM)],
    ],
    ["no message", {}, "2", "EOF", [data(1, Buffer.alloc(0), FLAG_END_STREAM)]],
    [
      "two messages in one frame",
      {},
      "13",
      "cardinality violation: received multiple request messages for non-client-streaming RPC",
      [data(1, Buffer.concat([message("a"), message("b")]), FLAG_END_STREAM)],
    ],
    [
      "two messages in two frames",
      {},
      "13",
      "cardinality violation: received multiple request messages for non-client-streaming RPC",
      [data(1, message("a")), data(1, message("b"))],
    ],
    [
      "an unknown flag",
      {},
      "13",
      "grpc: received unexpected payload format 2",
      [data(1, message("a", 2), FLAG_END_STREAM)],
    ],
    [
      "a compressed message without a coding",
      {},
      "13",
      "grpc: compressed flag set with identity or empty encoding",
      [data(1, message("a", 1), FLAG_END_STREAM)],
    ],
    [
      "an announced length above the limit",
      {},
      "8",
      "grpc: received message larger than max (4294967295 vs. 4194304)",
      [data(1, Buffer.from([0, 255, 255, 255, 255]))],
    ],
    [
      "more unfinished bytes than a connection may hold",
      { assemblyBytesMax: 5000 },
      "8",
      "etcdx: too many bytes of incomplete messages are held: send fewer at once, or try again later",
      [data(1, message("a".repeat(9000)).subarray(0, 6000))],
    ],
    [
      "a complete message that would have to wait",
      { assemblyBytesMax: 5000 },
      "8",
      "etcdx: too many bytes of incomplete messages are held: send fewer at once, or try again later",
      [data(1, message("a".repeat(9000)))],
    ],
  ])("%s", async (_what, limits, code, text, frames) => {
    const client = await greet(limits);
    client.send(open, ...frames, request(3, ECHO, "alive"));
    const answer = await client.response(1);
    expect(answer).toMatchObject({ "grpc-status": code, "grpc-message": text });
    expect(await client.response(3)).toMatchObject({ "grpc-status": "0" });
  });

  test("garbage in place of gzip", async () => {
    const client = await greet();
    client.send(headers(1, requestFields(ECHO, [["grpc-encoding", "gzip"]])));
    client.send(data(1, message("not gzip", 1), FLAG_END_STREAM));
    const answer = await client.response(1);
    expect(answer["grpc-status"]).toBe("13");
    expect(answer["grpc-message"]).toMatch(/^grpc: failed to decompress the received message: /);
  });

  test("a gzip bomb", async () => {
    const client = await greet({ maxReceiveBytes: 1000 });
    client.send(headers(1, requestFields(ECHO, [["grpc-encoding", "gzip"]])));
    client.send(data(1, message(gzipSync(Buffer.alloc(100_000)), 1), FLAG_END_STREAM));
    expect(await client.response(1)).toMatchObject({
      "grpc-status": "8",
      "grpc-message": "grpc: received message after decompression larger than max 1000",
    });
  });

  test("a message whose END_STREAM never comes waits, and ends with its deadline", async () => {
    const client = await greet();
    client.send(headers(1, requestFields(ECHO, [["grpc-timeout", "40m"]])), data(1, message("a")));
    expect(await client.response(1)).toMatchObject({ "grpc-status": "4" });
    expect(await client.reset(1)).toBe(ErrorCode.noError);
  });
});

describe("floods end the connection with ENHANCE_YOUR_CALM", () => {
  const empty = Buffer.alloc(0);
  const few = {
    resetsPerWindowMax: 50,
    settingsPerWindowMax: 50,
    windowChangesPerWindowMax: 200,
    idleFramesPerWindowMax: 50,
    pingsPerWindowMax: 50,
  };
  const resets = Array.from({ length: 60 }, (_, index) =>
    Buffer.concat([
      headers(2 * index + 1, requestFields(HOLD)),
      frame(FRAME_RST_STREAM, 0, 2 * index + 1, number(8)),
    ]),
  );
  const bad = Array.from({ length: 60 }, (_, index) => headers(2 * index + 1, []));
  test.each<[string, Buffer]>([
    ["rapid resets", Buffer.concat(resets)],
    ["requests that have to be reset", Buffer.concat(bad)],
    ["SETTINGS", times(60, settings())],
    ["SETTINGS acks", times(60, frame(FRAME_SETTINGS, FLAG_ACK, 0, empty))],
    ["PING acks", times(60, frame(FRAME_PING, FLAG_ACK, 0, Buffer.alloc(8)))],
    ["empty DATA", Buffer.concat([open, times(60, data(1, empty))])],
    ["DATA on a closed stream", Buffer.concat([request(1, ECHO), times(60, data(1, empty))])],
    ["PRIORITY", times(60, frame(FRAME_PRIORITY, 0, 1, Buffer.alloc(5)))],
    ["unknown frames", times(60, frame(0x77, 0, 0, empty))],
    [
      "other windows for many streams",
      Buffer.concat([
        ...Array.from({ length: 30 }, (_, index) => headers(2 * index + 1, requestFields(HOLD))),
        times(10, settings(setting(4, 1000))),
      ]),
    ],
    [
      "a header block of endless empty pieces",
      Buffer.concat([headers(1, [], 0), times(80, frame(FRAME_CONTINUATION, 0, 1, empty))]),
    ],
    [
      "a header block of endless bytes",
      Buffer.concat([
        headers(1, [], 0),
        times(12, frame(FRAME_CONTINUATION, 0, 1, Buffer.alloc(16_000))),
      ]),
    ],
  ])("%s", async (_what, bytes) => {
    const client = await greet(few);
    client.send(bytes);
    expect(await client.goAway()).toMatchObject({ code: ErrorCode.enhanceYourCalm });
    await client.untilClosed();
  });

  test("but resets of streams that have been open for a while are none", async () => {
    const clock = new ManualClock();
    const client = await greet({ ...few, rapidResetMs: 100 }, { clock });
    const ids = Array.from({ length: 60 }, (_, index) => 2 * index + 1);
    client.send(...ids.map((id) => headers(id, requestFields(HOLD))), request(121, ECHO));
    await client.response(121);
    clock.nowMs += 100;
    client.send(...ids.map((id) => frame(FRAME_RST_STREAM, 0, id, number(8))), request(123, ECHO));
    expect(await client.response(123)).toMatchObject({ "grpc-status": "0" });
  });

  test("but not when they are spread over time", async () => {
    const clock = new ManualClock();
    const client = await greet({ ...few, floodWindowMs: 1000 }, { clock });
    for (let round = 0; round < 3; round++) {
      client.send(times(40, frame(0x77, 0, 0, empty)));
      client.send(request(2 * round + 1, ECHO));
      await client.response(2 * round + 1);
      clock.nowMs += 1000;
    }
    expect(client.of(FRAME_GOAWAY)).toEqual([]);
  });
});

describe("a block of headers", () => {
  test("that only refers to a large entry again and again is cut off, not expanded", async () => {
    const client = await greet();
    const entry = Buffer.concat([
      Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e]),
      Buffer.alloc(4000, 0x78),
    ]);
    const bomb = Buffer.concat([block(requestFields(ECHO)), entry, Buffer.alloc(12_000, 0xbe)]);
    client.send(frame(FRAME_HEADERS, FLAG_END_HEADERS, 1, bomb), request(3, ECHO));
    expect(await client.reset(1)).toBe(ErrorCode.frameSizeError);
    expect(await client.response(3)).toMatchObject({ "grpc-status": "0" });
  });
});
