// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { ErrorCode } from "./frames.ts";
import type { Method } from "./index.ts";
import { headers, request, requestFields, setting, settings } from "./testing/raw-client.ts";
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
});
