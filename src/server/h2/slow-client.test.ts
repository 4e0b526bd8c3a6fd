// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test, vi } from "vitest";
import { ErrorCode, FLAG_END_STREAM, FRAME_RST_STREAM } from "./frames.ts";
import type { Method } from "./index.ts";
import {
  data,
  frame,
  headers,
  message,
  number,
  request,
  requestFields,
  setting,
  settings,
} from "./testing/raw-client.ts";
import { ECHO, echo, greet, serve } from "./testing/served-endpoint.ts";

const FRAME_BYTES = 16_384;

describe("a client that never reads", () => {
  test("stops being read, and holds no more than the limits say", async () => {
    const limits = { socketBacklogBytesMax: 65_536, streamQueueBytesHigh: 100_000 };
    const large = Buffer.alloc(1 << 17);
    let handled = 0;
    const methods: Record<string, Method> = {
      "/t.S/Large": {
        kind: "unary",
        handler: (call) => {
          handled++;
          call.respond(large);
        },
      },
    };
    const served = await serve(methods, { limits });
    const client = greet(served, setting(4, 0x7fff_ffff));
    client.widen(0, 0x7fff_0000);
    await client.handled();
    client.socket.pause();
    let sent = 0;
    while (client.socket.writableLength < 2 << 20 && sent < 60_000) {
      client.send(request(2 * sent++ + 1, "/t.S/Large", "x".repeat(200)));
      if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.socket.writableLength).toBeGreaterThan(1 << 20);
    expect(handled).toBeLessThan(sent / 2);
    client.socket.resume();
    await client.response(2 * handled - 1);
  });

  test("gets no further streams while too much waits for it", async () => {
    const limits = { connectionQueueBytesMax: 10_000 };
    const served = await serve({ [ECHO]: echo }, { limits });
    const client = greet(served);
    client.send(settings(setting(4, 0)), request(1, ECHO, "x".repeat(12_000)), request(3, ECHO));
    expect(await client.reset(3)).toBe(ErrorCode.refusedStream);
    client.send(settings(setting(4, 65_535)));
    expect(await client.response(1)).toMatchObject({ "grpc-status": "0" });
    client.send(request(5, ECHO));
    expect(await client.response(5)).toMatchObject({ "grpc-status": "0" });
  });

  test("gets in the end what was said, although buffers are used again", async () => {
    const [messages, size] = [400, 50_000];
    const flood: Method = {
      kind: "stream",
      handler: (call) => {
        let at = 0;
        const pump = (): void => {
          while (at < messages) if (!call.write(Buffer.alloc(size, at++ % 251))) return;
          call.end();
        };
        pump();
        return { onMessage: () => {}, onHalfClose: () => {}, onCancel: () => {}, onDrain: pump };
      },
    };
    const served = await serve({ "/t.S/Flood": flood, [ECHO]: echo });
    const client = greet(served, setting(4, 0x7fff_ffff));
    client.widen(0, 0x7fff_0000);
    await client.handled();
    client.socket.pause();
    client.send(headers(1, requestFields("/t.S/Flood")));
    // Others are served meanwhile, and by then the first one's socket is full.
    const other = greet(served);
    for (let id = 1; id < 60; id += 2) {
      other.send(request(id, ECHO, "y".repeat(1000)));
      await other.response(id);
    }
    client.socket.resume();
    expect(await client.response(1)).toMatchObject({ "grpc-status": "0" });
    const body = client.body(1);
    for (let at = 0; at < messages; at++) {
      const start = at * (size + 5) + 5;
      const isWhole = body.subarray(start, start + size).equals(Buffer.alloc(size, at % 251));
      expect(isWhole, `message ${at}`).toBe(true);
    }
  });

  test("has its stream failed when the handler does not stop writing", async () => {
    const told = Promise.withResolvers<number>();
    const flood: Method = {
      kind: "stream",
      handler: (call) => {
        let written = 0;
        while (!call.ended && written < 1000) {
          call.write(Buffer.alloc(1000));
          written++;
        }
        told.resolve(written);
        return { onMessage: () => {}, onHalfClose: () => {}, onCancel: () => {} };
      },
    };
    const limits = { streamQueueBytesHigh: 1000, streamQueueBytesMax: 20_000 };
    const served = await serve({ "/t.S/Flood": flood }, { limits });
    const client = greet(served, setting(4, 0));
    client.send(headers(1, requestFields("/t.S/Flood")));
    expect(await client.response(1)).toMatchObject({ "grpc-status": "8" });
    expect(await told.promise).toBeLessThan(30);
    client.socket.destroy();
  });

  test("is read one message at a time without moving all that it has sent ahead", async () => {
    const [messages, size] = [4000, 40];
    /** Where the messages lay that the handler was given. */
    const places = new Set<ArrayBufferLike>();
    let handled = 0;
    const done = Promise.withResolvers<void>();
    const oneByOne: Method = {
      kind: "stream",
      handler: (call) => ({
        onMessage: ({ buffer }) => {
          places.add(buffer);
          if (++handled === messages) done.resolve();
          call.pause();
          // Every other time before the handler returns.
          if (handled % 2 === 0) call.resume();
          else process.nextTick(() => call.resume());
        },
        onHalfClose: () => {},
        onCancel: () => {},
      }),
    };
    const client = greet(await serve({ "/t.S/One": oneByOne }));
    await client.handled();
    const sent = Buffer.concat(Array.from({ length: messages }, () => message("x".repeat(size))));
    const frames: Buffer[] = [];
    for (let at = 0; at < sent.length; at += 16_384) {
      frames.push(data(1, sent.subarray(at, at + 16_384)));
    }
    client.send(headers(1, requestFields("/t.S/One")), ...frames);
    await done.promise;
    expect(handled).toBe(messages);
    expect(places.size).toBeLessThan(messages / 10);
  });
});

describe("answers that are held for all clients together", () => {
  const limits = { heldBytesMax: 100_000, streamQueueBytesHigh: 1000 };
  const page = Buffer.alloc(60_000, "p");
  /** Says how much it makes, and answers when it is told to. */
  const making = (answer: Promise<void>): Method => ({
    kind: "unary",
    handler: (call) => {
      if (call.making(page.length)) void answer.then(() => call.respondPages([page]));
    },
  });

  /** Frames that carry the bytes, as large as they may be. */
  const pieces = (id: number, bytes: Buffer): Buffer[] =>
    Array.from({ length: Math.ceil(bytes.length / FRAME_BYTES) }, (_, at) =>
      data(id, bytes.subarray(at * FRAME_BYTES, (at + 1) * FRAME_BYTES)),
    );

  test("are limited: the one too many fails, and what has left makes room", async () => {
    const go = Promise.withResolvers<void>();
    const served = await serve({ "/t.S/Made": making(go.promise) }, { limits });
    const [slow, other] = [greet(served), greet(served)];
    slow.send(request(1, "/t.S/Made"));
    await slow.handled();
    other.send(request(1, "/t.S/Made"));
    expect(await other.response(1)).toMatchObject({
      "grpc-status": "8",
      "grpc-message": expect.stringContaining("wait for slow clients"),
    });
    expect(served.endpoint.heldBytes).toBe(page.length);
    go.resolve();
    expect(await slow.response(1)).toMatchObject({ "grpc-status": "0" });
    expect(served.endpoint.heldBytes).toBe(0);
    other.send(request(3, "/t.S/Made"));
    expect(await other.response(3)).toMatchObject({ "grpc-status": "0" });
  });

  test("are forgotten when the client gives up, made or waiting", async () => {
    const served = await serve(
      { "/t.S/Made": making(new Promise(() => {})), [ECHO]: echo },
      { limits },
    );
    const client = greet(served, setting(4, 10));
    client.send(request(1, "/t.S/Made"), request(3, ECHO, "x".repeat(5000)));
    await client.handled();
    expect(served.endpoint.heldBytes).toBeGreaterThan(page.length + 4900);
    client.send(frame(FRAME_RST_STREAM, 0, 1, number(8)));
    await client.handled();
    expect(served.endpoint.heldBytes).toBeLessThan(5100);
    client.socket.destroy();
    await vi.waitUntil(() => served.endpoint.heldBytes === 0);
  });

  test("share their limit with requests that come in parts", async () => {
    const served = await serve({ [ECHO]: echo }, { limits });
    const whole = message("x".repeat(90_000));
    const part = whole.subarray(0, 60_000);
    const [slow, other] = [greet(served), greet(served, setting(4, 1_000_000))];
    other.widen(0, 1_000_000);
    slow.send(headers(1, requestFields(ECHO)), ...pieces(1, part));
    await slow.handled();
    expect(served.endpoint.heldBytes).toBeGreaterThanOrEqual(part.length - 5);
    other.send(headers(1, requestFields(ECHO)), ...pieces(1, part));
    expect(await other.response(1)).toMatchObject({
      "grpc-status": "8",
      "grpc-message": expect.stringContaining("too many bytes of incomplete messages are held"),
    });
    slow.socket.destroy();
    await vi.waitUntil(() => served.endpoint.heldBytes === 0);
    other.send(headers(3, requestFields(ECHO)), ...pieces(3, whole));
    other.send(data(3, Buffer.alloc(0), FLAG_END_STREAM));
    expect(await other.response(3)).toMatchObject({ "grpc-status": "0" });
    expect(served.endpoint.heldBytes).toBe(0);
  });

  test("above the limit refuse new streams of those who are slow, and only theirs", async () => {
    const few = { heldBytesMax: 4000, streamQueueBytesHigh: 1000 };
    const served = await serve({ [ECHO]: echo }, { limits: few });
    const [slow, other] = [greet(served, setting(4, 10)), greet(served)];
    slow.send(request(1, ECHO, "x".repeat(5000)));
    await slow.handled();
    slow.send(request(3, ECHO, "x"));
    expect(await slow.reset(3)).toBe(ErrorCode.refusedStream);
    other.send(request(1, ECHO, "x".repeat(5000)));
    expect(await other.response(1)).toMatchObject({ "grpc-status": "0" });
  });
});
