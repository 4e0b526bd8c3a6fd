// SPDX-License-Identifier: Apache-2.0

import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeServer } from "../../test/golden/fake-server.ts";
import { KVService, RangeResponse } from "../api/gen/etcdserverpb.ts";
import type { Attempt } from "./attempt.ts";
import { parseEndpoint } from "./endpoint.ts";
import {
  encodeField,
  encodeFrame,
  encodeSettings,
  encodeUint32,
  FrameFlag,
  FrameReader,
  FrameType,
} from "./frame.ts";
import type { CallOptions, ClientOptions } from "./options.ts";
import { PlainConnection } from "./plain-connection.ts";

const request = KVService.range.request.encode({ key: Buffer.from("k") });
const opened: PlainConnection[] = [];

afterEach(() => {
  for (const connection of opened.splice(0)) connection.close();
});

function open(endpoint: string, options: Partial<ClientOptions> = {}): PlainConnection {
  const all = { endpoints: [endpoint], ...options };
  const connection = new PlainConnection(parseEndpoint(endpoint), all);
  opened.push(connection);
  return connection;
}

function range(connection: PlainConnection, options: CallOptions = {}) {
  return connection.unary(KVService.range, request, options);
}

function told(attempt: Attempt<unknown>): unknown {
  if (attempt.kind === "failed") return [attempt.error.code, attempt.error.details];
  return attempt.kind === "unconnected" ? attempt.problem : attempt.response;
}

describe("with a gRPC server", () => {
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start();
  });

  afterEach(() => server.stop());

  test("requests and answers larger than every window pass", async () => {
    const value = Buffer.alloc(1_500_000, 7);
    server.answer(KVService.put, { prevKv: { value } });
    const connection = open(server.endpoint);
    const body = KVService.put.request.encode({ key: Buffer.from("k"), value });
    const puts = [1, 2, 3].map(() => connection.unary(KVService.put, body, {}));
    for (const answer of await Promise.all(puts)) {
      expect(answer.kind === "answer" && answer.response.prevKv?.value.length).toBe(value.length);
    }
    expect(server.take().map(({ request: sent }) => sent.length)).toEqual(
      [1, 2, 3].map(() => body.length),
    );
  });

  test("an answer over the limit is refused, and the connection goes on", async () => {
    server.answer(KVService.range, { kvs: [{ value: Buffer.alloc(200_000) }] }, { count: 3 });
    const connection = open(server.endpoint, { receiveBytesMax: 1000 });
    expect(told(await range(connection))).toEqual([
      8,
      expect.stringMatching(/^grpc: received message larger than max \(20\d{4} vs\. 1000\)$/),
    ]);
    expect(told(await range(connection))).toMatchObject({ count: 3 });
  });

  test("metadata and a text that is not ASCII arrive", async () => {
    server.answer(KVService.range, { code: 9, details: "später % 😀" });
    const connection = open(server.endpoint);
    const attempt = await range(connection, { metadata: { token: "x".repeat(300) } });
    expect(told(attempt)).toEqual([9, "später % 😀"]);
    expect(server.take()[0]?.metadata).toMatchObject({ token: "x".repeat(300) });
  });
});

describe("with a peer of bytes", () => {
  let listener: Server;
  let endpoint: string;
  let behaviour: (socket: Socket, stream: number) => void;
  let greeting: Buffer;

  beforeEach(async () => {
    greeting = encodeSettings([]);
    listener = createServer((socket) => {
      const reader = new FrameReader(2 ** 24);
      let preface = 24;
      socket.on("error", () => {});
      socket.write(greeting);
      socket.on("data", (chunk: Buffer) => {
        const skipped = Math.min(preface, chunk.length);
        preface -= skipped;
        for (const { type, stream } of reader.take(chunk.subarray(skipped)) ?? []) {
          if (type === FrameType.headers) behaviour(socket, stream);
        }
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const address = listener.address();
    endpoint = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });

  afterEach(() => {
    listener.close();
  });

  const message = (): Buffer => {
    const body = Buffer.from(RangeResponse.encode({ count: 5 }));
    return Buffer.concat([Buffer.of(0, 0, 0, 0, body.length), body]);
  };
  const trailers = (...pairs: (readonly [string, string])[]): Buffer =>
    Buffer.concat(pairs.map(([name, value]) => encodeField(name, value)));
  const ok = trailers([":status", "200"], ["grpc-status", "0"]);

  test("padding, and headers in pieces, are understood", async () => {
    behaviour = (socket, stream) => {
      const padded = Buffer.concat([Buffer.of(3), message(), Buffer.alloc(3)]);
      socket.write(encodeFrame(FrameType.data, FrameFlag.padded, stream, padded));
      socket.write(encodeFrame(FrameType.headers, FrameFlag.endStream, stream, ok.subarray(0, 9)));
      const rest = ok.subarray(9);
      socket.write(encodeFrame(FrameType.continuation, FrameFlag.endHeaders, stream, rest));
    };
    expect(told(await range(open(endpoint)))).toMatchObject({ count: 5 });
  });

  const endOfStream = FrameFlag.endStream | FrameFlag.endHeaders;

  test.each<[string, (stream: number) => Buffer, unknown]>([
    [
      "a reset",
      (stream) => encodeFrame(FrameType.resetStream, 0, stream, encodeUint32(11)),
      [8, "Received RST_STREAM with code 11"],
    ],
    [
      "a stream that is refused",
      (stream) => encodeFrame(FrameType.resetStream, 0, stream, encodeUint32(7)),
      "",
    ],
    [
      "an answer of plain HTTP",
      (stream) => encodeFrame(FrameType.headers, endOfStream, stream, trailers([":status", "404"])),
      [12, "Received HTTP status code 404"],
    ],
    [
      "an answer without a message",
      (stream) => encodeFrame(FrameType.headers, endOfStream, stream, ok),
      [13, "the answer is not one whole message"],
    ],
    [
      "headers that do not decode",
      (stream) => encodeFrame(FrameType.headers, endOfStream, stream, Buffer.of(0xff, 0xff, 0xff)),
      [14, "Connection dropped"],
    ],
    [
      "a frame over the limit",
      () => Buffer.from("ffffff000000000001", "hex"),
      [14, "Connection dropped"],
    ],
    [
      "a goodbye that leaves the call out",
      () => encodeFrame(FrameType.goAway, 0, 0, Buffer.alloc(8)),
      "",
    ],
  ])("%s", async (_, answer, expected) => {
    behaviour = (socket, stream) => socket.write(answer(stream));
    expect(told(await range(open(endpoint)))).toEqual(expected);
  });

  test("a connection that ends during a call fails it, and the next call opens another", async () => {
    let calls = 0;
    behaviour = (socket, stream) => {
      if (calls++ === 0) return void socket.destroy();
      socket.write(encodeFrame(FrameType.data, 0, stream, message()));
      socket.write(encodeFrame(FrameType.headers, endOfStream, stream, ok));
    };
    const connection = open(endpoint);
    expect(told(await range(connection))).toEqual([14, "Connection dropped"]);
    expect(told(await range(connection))).toMatchObject({ count: 5 });
  });

  test("a deadline and an abort end a call that nobody answers", async () => {
    const reached = Promise.withResolvers<void>();
    behaviour = () => reached.resolve();
    const connection = open(endpoint);
    const late = await range(connection, { deadlineMs: Date.now() + 50 });
    expect(told(late)).toEqual([4, "context deadline exceeded"]);
    const controller = new AbortController();
    const stopped = range(connection, { signal: controller.signal });
    await reached.promise;
    controller.abort();
    expect(told(await stopped)).toEqual([1, "context canceled"]);
  });

  test("a peer that does not speak HTTP/2 is no connection", async () => {
    greeting = Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n");
    const attempt = await range(open(endpoint), { deadlineMs: Date.now() + 5000 });
    expect(told(attempt)).toMatch(/^connection error: desc = "error reading server preface: /);
  });

  describe("a stream of messages", () => {
    const framed = (size: number, fill: number): Buffer => {
      const bytes = Buffer.alloc(5 + size, fill);
      bytes[0] = 0;
      bytes.writeUInt32BE(size, 1);
      return bytes;
    };
    const taken: Buffer[] = [];
    const stream = (options: Partial<ClientOptions> = {}, limits: CallOptions = {}) => {
      taken.length = 0;
      const connection = open(endpoint, options);
      const run = async (): Promise<void> => {
        while (!connection.ready) await connection.stateChange(Date.now() + 5000);
        await connection.stream("/t.S/Many", request, limits, (part) => {
          taken.push(Buffer.from(part));
        });
      };
      return run();
    };

    test("arrives whole, however it is cut", async () => {
      const sizes = [0, 1, 4, 40_000, 5, 16_384, 16_379, 0, 16_375, 100_000, 3];
      behaviour = async (socket, id) => {
        const body = Buffer.concat(sizes.map((size, index) => framed(size, index + 1)));
        const wire: Buffer[] = [encodeFrame(FrameType.headers, FrameFlag.endHeaders, id, ok)];
        for (let at = 0, cut = 1; at < body.length; at += cut, cut = ((cut * 7) % 16_384) + 1) {
          wire.push(encodeFrame(FrameType.data, 0, id, body.subarray(at, at + cut)));
        }
        wire.push(encodeFrame(FrameType.headers, endOfStream, id, ok));
        const all = Buffer.concat(wire);
        for (let at = 0, cut = 1; at < all.length; at += cut, cut = ((cut * 5) % 9_000) + 3) {
          socket.write(all.subarray(at, at + cut));
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await stream();
      expect(taken.map((part) => part.length)).toEqual(sizes);
      const isWhole = taken.map((part, index) => part.every((byte) => byte === index + 1));
      expect(isWhole).toEqual(sizes.map(() => true));
    });

    const failed = trailers(["grpc-status", "8"], ["grpc-message", "enough"]);
    test.each<[string, (id: number) => Buffer[], RegExp]>([
      ["a status", (id) => [encodeFrame(FrameType.headers, endOfStream, id, failed)], /enough/],
      ["a reset", (id) => [encodeFrame(FrameType.resetStream, 0, id, encodeUint32(11))], /code 11/],
      [
        "half a message",
        (id) => [
          encodeFrame(FrameType.data, 0, id, framed(9, 2).subarray(0, 8)),
          encodeFrame(FrameType.headers, endOfStream, id, ok),
        ],
        /not one whole message/,
      ],
      [
        "a compressed message",
        (id) => [
          encodeFrame(FrameType.data, 0, id, Buffer.of(1, 0, 0, 0, 1, 9)),
          encodeFrame(FrameType.headers, endOfStream, id, ok),
        ],
        /not one whole message/,
      ],
      [
        "a message over the limit",
        (id) => [encodeFrame(FrameType.data, 0, id, framed(1001, 2))],
        /larger than max \(1001 vs\. 1000\)/,
      ],
      [
        "a goodbye that leaves it out",
        () => [encodeFrame(FrameType.goAway, 0, 0, Buffer.alloc(8))],
        /Connection dropped/,
      ],
    ])("fails with %s, behind what had come", async (_, end, expected) => {
      behaviour = (socket, id) => {
        const head = encodeFrame(FrameType.headers, FrameFlag.endHeaders, id, ok);
        const first = encodeFrame(FrameType.data, 0, id, framed(3, 1));
        socket.write(Buffer.concat([head, first, ...end(id)]));
      };
      await expect(stream({ receiveBytesMax: 1000 })).rejects.toThrow(expected);
      expect(taken).toEqual([Buffer.alloc(3, 1)]);
    });

    test("ends with what its taker throws, and takes no more", async () => {
      behaviour = (socket, id) => {
        socket.write(
          encodeFrame(FrameType.data, 0, id, Buffer.concat([framed(3, 1), framed(3, 2)])),
        );
      };
      const connection = open(endpoint);
      while (!connection.ready) await connection.stateChange(Date.now() + 5000);
      let calls = 0;
      const thrown = new Error("the disk is full");
      const run = connection.stream("/t.S/Many", request, {}, () => {
        calls++;
        throw thrown;
      });
      await expect(run).rejects.toBe(thrown);
      expect(calls).toBe(1);
    });

    test("ends with its deadline, and with its signal", async () => {
      behaviour = (socket, id) => {
        socket.write(encodeFrame(FrameType.data, 0, id, framed(3, 1)));
      };
      await expect(stream({}, { deadlineMs: Date.now() + 50 })).rejects.toMatchObject({ code: 4 });
      await expect(stream({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 1 });
    });
  });
});

test("nobody there is no connection, and said in the words of Go's library", async () => {
  expect(told(await range(open("127.0.0.1:1")))).toBe(
    'connection error: desc = "transport: Error while dialing: ' +
      'dial tcp 127.0.0.1:1: connect: connection refused"',
  );
});
