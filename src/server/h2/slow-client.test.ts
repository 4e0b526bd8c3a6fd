// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { ErrorCode } from "./frames.ts";
import type { Method } from "./index.ts";
import {
  data,
  headers,
  message,
  request,
  requestFields,
  setting,
  settings,
} from "./testing/raw-client.ts";
import { ECHO, echo, greet, serve } from "./testing/served-endpoint.ts";

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
