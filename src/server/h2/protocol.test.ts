// SPDX-License-Identifier: Apache-2.0

import { connect as connectHttp2 } from "node:http2";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  clientPreface,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_PING,
  FRAME_PRIORITY,
  FRAME_RST_STREAM,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
  SETTING_HEADER_TABLE_SIZE,
  SETTING_INITIAL_WINDOW_SIZE,
} from "./frames.ts";
import type { Method, StreamCall } from "./index.ts";
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
import { ECHO, echo, greet, serve } from "./testing/served-endpoint.ts";

const quiet = { onMessage: () => {}, onHalfClose: () => {}, onCancel: () => {} };

describe("the greeting", () => {
  test("is SETTINGS, a wide window, and an ack of the client's SETTINGS", async () => {
    const client = greet(await serve());
    await client.handled();
    const [first, second, third] = client.frames;
    expect(first).toMatchObject({ type: FRAME_SETTINGS, flags: 0, id: 0 });
    expect(second).toMatchObject({ type: FRAME_WINDOW_UPDATE, id: 0 });
    expect(third).toMatchObject({ type: FRAME_SETTINGS, flags: FLAG_ACK });
  });

  test("names the number of streams when that is limited", async () => {
    const client = greet(await serve({}, { limits: { maxConcurrentStreams: 7 } }));
    await client.handled();
    expect(client.frames[0]?.payload.toString("hex")).toContain("000300000007");
  });
});

describe("requests", () => {
  test("in one piece and cut at every byte get the same answers", async () => {
    const served = await serve();
    const bytes = Buffer.concat([
      clientPreface,
      settings(),
      headers(1, requestFields(ECHO)),
      data(1, message("one").subarray(0, 4)),
      data(1, message("one").subarray(4), FLAG_END_STREAM),
      request(3, ECHO, "three"),
    ]);
    for (let at = 1; at < bytes.length; at += 3) {
      const client = new RawClient(served.port);
      client.send(bytes.subarray(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      client.send(bytes.subarray(at));
      expect(await client.response(3)).toMatchObject({ ":status": "200", "grpc-status": "0" });
      expect([client.body(1), client.body(3)]).toEqual([message("one"), message("three")]);
      client.socket.destroy();
    }
  });

  test("that arrive together are answered in one write", async () => {
    const client = greet(await serve());
    await client.handled();
    const chunks: Buffer[] = [];
    client.socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    client.send(...[1, 3, 5, 7, 9].map((id) => request(id, ECHO, `text ${id}`)));
    await client.response(9);
    expect(chunks).toHaveLength(1);
  });

  test("may be padded, carry a priority, and be continued", async () => {
    const client = greet(await serve());
    const fields = block(requestFields(ECHO));
    const padded = Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 200]), fields, Buffer.alloc(3)]);
    client.send(
      frame(FRAME_HEADERS, FLAG_END_HEADERS | FLAG_PADDED | FLAG_PRIORITY, 1, padded),
      data(1, Buffer.concat([Buffer.from([2]), message("a"), Buffer.alloc(2)]), 9),
      frame(FRAME_PRIORITY, 0, 3, Buffer.alloc(5)),
      frame(FRAME_HEADERS, 0, 3, fields.subarray(0, 10)),
      frame(FRAME_CONTINUATION, 0, 3, fields.subarray(10, 20)),
      frame(FRAME_CONTINUATION, FLAG_END_HEADERS, 3, fields.subarray(20)),
      data(3, message("b"), FLAG_END_STREAM),
    );
    await client.response(3);
    expect([client.body(1), client.body(3)]).toEqual([message("a"), message("b")]);
  });

  test("may end by trailers", async () => {
    const client = greet(await serve());
    client.send(headers(1, requestFields(ECHO)), data(1, message("x")));
    client.send(headers(1, [["some", "trailer"]], FLAG_END_HEADERS | FLAG_END_STREAM));
    expect(await client.response(1)).toMatchObject({ "grpc-status": "0" });
  });

  // A message whose prefix came in a frame of its own was once answered from fresh memory.
  test("cut into frames anyhow are the same request", async () => {
    const served = await serve();
    const text = "a message that is cut into pieces of every size".repeat(20);
    const whole = message(text);
    const client = greet(served);
    let id = -1;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 12 }),
        async (sizes) => {
          id += 2;
          client.send(headers(id, requestFields(ECHO)));
          let at = 0;
          for (const size of sizes) {
            client.send(data(id, whole.subarray(at, at + size)));
            at += size;
          }
          client.send(data(id, whole.subarray(at), FLAG_END_STREAM));
          expect(await client.response(id)).toMatchObject({ "grpc-status": "0" });
          expect(client.body(id)).toEqual(whole);
        },
      ),
      { numRuns: 40, examples: [[[5]], [[4]], [[6]], [[5, 400]]] },
    );
  });

  test.each([
    [
      "another content type",
      [["content-type", "text/plain"]],
      "415",
      "3",
      'invalid gRPC request content-type "text/plain"',
    ],
    [
      "another method than POST",
      [[":method", "GET"]],
      "405",
      "13",
      'Received a HEADERS frame with :method "GET" which should be POST',
    ],
    [
      "a bad timeout",
      [["grpc-timeout", "5x"]],
      "400",
      "13",
      'malformed grpc-timeout: transport: timeout unit is not recognized: "5x"',
    ],
    [
      "a timeout of too many digits",
      [["grpc-timeout", "123456789S"]],
      "400",
      "13",
      'malformed grpc-timeout: transport: timeout string is too long: "123456789S"',
    ],
    [
      "bad binary metadata",
      [["x-bin", "a*b"]],
      "400",
      "13",
      'malformed binary metadata "a*b" in header "x-bin": illegal base64 data at input byte 1',
    ],
    [
      "two hosts",
      [
        ["host", "a"],
        ["host", "b"],
      ],
      "400",
      "13",
      "num values of :authority: 1, num values of host: 2, both must only have 1 value as per HTTP/2 spec",
    ],
    [
      "an unknown coding",
      [["grpc-encoding", "br"]],
      "200",
      "12",
      'grpc: Decompressor is not installed for grpc-encoding "br"',
    ],
  ] as const)("with %s are answered as grpc-go does", async (_what, changed, http, code, text) => {
    const client = greet(await serve());
    const replaced = new Set<string>(changed.map(([name]) => name));
    const kept = requestFields(ECHO).filter(([name]) => !replaced.has(name));
    const pseudo = changed.filter(([name]) => name.startsWith(":"));
    const regular = changed.filter(([name]) => !name.startsWith(":"));
    client.send(headers(1, [...pseudo, ...kept, ...regular]));
    const answer = await client.response(1);
    expect(answer).toMatchObject({ ":status": http, "grpc-status": code, "grpc-message": text });
    expect(await client.reset(1)).toBe(0);
    if (code === "12") expect(answer).toMatchObject({ "grpc-accept-encoding": "gzip" });
    client.send(request(3, ECHO, "goes on"));
    expect(await client.response(3)).toMatchObject({ "grpc-status": "0" });
  });

  test("whose time is up on arrival fail without being handled", async () => {
    const client = greet(await serve());
    client.send(request(1, ECHO, "", [["grpc-timeout", "0n"]]));
    expect(await client.response(1)).toMatchObject({
      "grpc-status": "4",
      "grpc-message": "context deadline exceeded",
    });
  });

  test("that expire get the status and tell the handler", async () => {
    const told = Promise.withResolvers<string>();
    const stuck: Method = { kind: "unary", handler: (call) => call.onCancel(told.resolve) };
    const client = greet(await serve({ "/t.S/Stuck": stuck }));
    client.send(request(1, "/t.S/Stuck", "", [["grpc-timeout", "30m"]]));
    expect(await client.response(1)).toMatchObject({ "grpc-status": "4" });
    expect(await told.promise).toBe("deadline");
  });
});

describe("windows", () => {
  test("of the stream hold data back until they open", async () => {
    const served = await serve();
    const client = greet(served, setting(SETTING_INITIAL_WINDOW_SIZE, 4));
    client.send(request(1, ECHO, "0123456789"));
    await client.handled();
    expect(client.body(1)).toEqual(message("0123456789").subarray(0, 0));
    client.widen(1, 3);
    await client.until(() => (client.body(1).length === 7 ? true : undefined));
    client.send(settings(setting(SETTING_INITIAL_WINDOW_SIZE, 8)));
    await client.until(() => (client.body(1).length === 11 ? true : undefined));
    client.widen(1, 100);
    expect(await client.response(1)).toMatchObject({ "grpc-status": "0" });
    expect(client.body(1)).toEqual(message("0123456789"));
  });

  test("may shrink below zero and are then filled first", async () => {
    const client = greet(await serve(), setting(SETTING_INITIAL_WINDOW_SIZE, 10));
    client.send(request(1, ECHO, "x".repeat(20)));
    await client.until(() => (client.body(1).length === 10 ? true : undefined));
    client.send(settings(setting(SETTING_INITIAL_WINDOW_SIZE, 0)));
    client.widen(1, 10);
    await client.handled();
    expect(client.body(1)).toHaveLength(10);
    client.widen(1, 15);
    await client.response(1);
    expect(client.body(1)).toEqual(message("x".repeat(20)));
  });

  test("of the connection are shared out in turns", async () => {
    const client = greet(await serve(), setting(SETTING_INITIAL_WINDOW_SIZE, 1 << 20));
    const long = "y".repeat(100_000);
    for (const id of [1, 3, 5]) {
      client.send(headers(id, requestFields(ECHO)));
      for (let at = 0; at < long.length + 5; at += 16_384) {
        const part = message(long).subarray(at, at + 16_384);
        client.send(data(id, part, at + 16_384 >= long.length + 5 ? FLAG_END_STREAM : 0));
      }
    }
    await client.until(() => (client.body(1).length === 65_535 ? true : undefined));
    client.widen(0, 3 * 16_384);
    await client.until(() => (client.body(5).length === 16_384 ? true : undefined));
    expect([1, 3, 5].map((id) => client.body(id).length)).toEqual([
      65_535 + 16_384,
      16_384,
      16_384,
    ]);
    client.widen(0, 1 << 20);
    for (const id of [1, 3, 5]) await client.response(id);
    expect(client.body(3)).toEqual(message(long));
  });

  test("of the server are opened again as messages are used up", async () => {
    const client = greet(await serve({ [ECHO]: echo }, { limits: { streamWindowBytes: 65_536 } }));
    client.send(
      headers(1, requestFields(ECHO)),
      data(1, message("z".repeat(200_000)).subarray(0, 16_384)),
    );
    client.send(data(1, Buffer.alloc(16_384)));
    const update = await client.until(() => client.of(FRAME_WINDOW_UPDATE, 1)[0]);
    expect(update.payload).toEqual(number(32_768));
  });

  test("of the connection are opened again whatever its streams do", async () => {
    const stuck: Method = {
      kind: "stream",
      handler: (call) => {
        call.pause();
        return quiet;
      },
    };
    const limits = { connectionWindowBytes: 65_535 };
    const client = greet(await serve({ "/t.S/Stuck": stuck }, { limits }));
    client.send(headers(1, requestFields("/t.S/Stuck")));
    client.send(...[1, 2, 3].map(() => data(1, Buffer.alloc(16_384))));
    const update = await client.until(() => client.of(FRAME_WINDOW_UPDATE, 0)[0]);
    expect(update.payload).toEqual(number(2 * 16_384));
  });

  test("are not opened for a stream that is paused", async () => {
    const paused: Method = {
      kind: "stream",
      handler: (call) => {
        call.pause();
        return quiet;
      },
    };
    const limits = { streamWindowBytes: 20_000 };
    const client = greet(await serve({ "/t.S/Paused": paused }, { limits }));
    client.send(headers(1, requestFields("/t.S/Paused")), data(1, Buffer.alloc(16_000)));
    await client.handled();
    expect(client.of(FRAME_WINDOW_UPDATE, 1)).toEqual([]);
    client.send(data(1, Buffer.alloc(4001)));
    expect(await client.reset(1)).toBe(3);
  });
});

describe("header compression", () => {
  test("shrinks a response's headers to three bytes after the first", async () => {
    const client = greet(await serve());
    for (const id of [1, 3]) {
      client.send(request(id, ECHO));
      const response = await client.response(id);
      expect(response).toEqual({
        ":status": "200",
        "content-type": "application/grpc",
        "grpc-status": "0",
      });
    }
    expect(client.of(FRAME_HEADERS, 3).map((each) => each.payload.length)).toEqual([2, 1]);
  });

  test("does without the client's table when that is small", async () => {
    const client = greet(await serve(), setting(SETTING_HEADER_TABLE_SIZE, 0));
    for (const id of [1, 3]) {
      client.send(request(id, ECHO));
      expect(await client.response(id)).toMatchObject({
        "content-type": "application/grpc",
        "grpc-status": "0",
      });
    }
    const [first, , second] = client.of(FRAME_HEADERS);
    expect([first?.payload[0], second?.payload[0]]).toEqual([0x20, 0x88]);
  });

  test("is understood by another implementation, both ways", async () => {
    const { port } = await serve();
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    onTestFinished(() => session.destroy());
    for (let index = 0; index < 5; index++) {
      const stream = session.request({
        ":method": "POST",
        ":path": ECHO,
        "content-type": "application/grpc+proto",
        te: "trailers",
        "x-long": "v".repeat(index * 3000),
        [`x-name-${index}`]: "näh".repeat(index),
      });
      const trailers = Promise.withResolvers<unknown>();
      stream.on("trailers", trailers.resolve);
      stream.end(message(`body ${index}`));
      const parts: Buffer[] = [];
      for await (const part of stream) parts.push(part);
      expect(Buffer.concat(parts)).toEqual(message(`body ${index}`));
      expect(await trailers.promise).toMatchObject({ "grpc-status": "0" });
    }
  });
});

describe("ending", () => {
  test("a stream before the client has ended it tells the client to stop", async () => {
    const refuse: Method = {
      kind: "stream",
      handler: (call) => {
        call.fail(16, "no");
        return quiet;
      },
    };
    const client = greet(await serve({ "/t.S/No": refuse }));
    client.send(headers(1, requestFields("/t.S/No")));
    expect(await client.response(1)).toMatchObject({ "grpc-status": "16", "grpc-message": "no" });
    expect(await client.reset(1)).toBe(0);
    client.send(data(1, message("late"), FLAG_END_STREAM));
    await client.handled();
    expect(client.of(FRAME_GOAWAY)).toEqual([]);
  });

  test("a stream without messages sends headers and trailers", async () => {
    const empty: Method = {
      kind: "stream",
      handler: (call) => ({ ...quiet, onHalfClose: () => call.end() }),
    };
    const client = greet(await serve({ "/t.S/Empty": empty }));
    client.send(headers(1, requestFields("/t.S/Empty"), FLAG_END_HEADERS | FLAG_END_STREAM));
    expect(await client.response(1)).toMatchObject({ ":status": "200", "grpc-status": "0" });
  });

  test("trailers too long for a frame are continued", async () => {
    const text = "long-".repeat(8000);
    const fail: Method = { kind: "unary", handler: (call) => call.fail(13, text) };
    const { port } = await serve({ "/t.S/Fail": fail });
    const session = connectHttp2(`http://127.0.0.1:${port}`, {
      settings: { maxHeaderListSize: 1 << 20 },
      maxHeaderListPairs: 100,
    } as object);
    onTestFinished(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": "/t.S/Fail",
      "content-type": "application/grpc",
    });
    const answer = Promise.withResolvers<unknown>();
    stream.on("response", answer.resolve);
    stream.on("error", answer.reject);
    stream.end(message(""));
    expect(await answer.promise).toMatchObject({ "grpc-message": text, "grpc-status": "13" });
  });

  test("a drain announces itself twice and refuses what comes after", async () => {
    const calls: StreamCall[] = [];
    const hold: Method = {
      kind: "stream",
      handler: (call) => {
        calls.push(call);
        return quiet;
      },
    };
    const served = await serve({ "/t.S/Hold": hold, [ECHO]: echo });
    const client = greet(served);
    client.send(headers(1, requestFields("/t.S/Hold")));
    await client.handled();
    const drained = served.endpoint.drain();
    expect(await client.goAway()).toMatchObject({ lastStreamId: 0x7fff_ffff, code: 0 });
    client.send(request(3, ECHO, "still served"));
    expect(await client.response(3)).toMatchObject({ "grpc-status": "0" });
    const [ping] = client.of(FRAME_PING).filter(({ flags }) => (flags & FLAG_ACK) === 0);
    client.send(frame(FRAME_PING, FLAG_ACK, 0, ping?.payload ?? Buffer.alloc(0)));
    await client.until(() => client.of(FRAME_GOAWAY)[1]);
    expect(client.of(FRAME_GOAWAY)[1]?.payload.subarray(0, 8)).toEqual(
      Buffer.concat([number(3), number(0)]),
    );
    client.send(request(5, ECHO, "too late"));
    await client.handled();
    expect(client.fields.has(5)).toBe(false);
    calls[0]?.end();
    expect(await client.response(1)).toMatchObject({ "grpc-status": "0" });
    await client.untilClosed();
    await drained;
  });

  test("a drain does not wait for ever for a client that does not answer its ping", async () => {
    const served = await serve({ [ECHO]: echo }, { limits: { drainPingTimeoutMs: 10 } });
    const client = greet(served);
    await client.handled();
    await served.endpoint.drain();
    await client.untilClosed();
    expect(client.of(FRAME_GOAWAY)).toHaveLength(2);
  });

  test("a reset by the client reaches the handler and frees the stream", async () => {
    const told = Promise.withResolvers<string>();
    const hold: Method = {
      kind: "stream",
      handler: () => ({ ...quiet, onCancel: told.resolve }),
    };
    const served = await serve({ "/t.S/Hold": hold });
    const client = greet(served);
    client.send(headers(1, requestFields("/t.S/Hold")), frame(FRAME_RST_STREAM, 0, 1, number(8)));
    expect(await told.promise).toBe("cancelled");
    expect(served.endpoint.openStreams).toBe(0);
    expect(client.of(FRAME_DATA)).toEqual([]);
  });
});
