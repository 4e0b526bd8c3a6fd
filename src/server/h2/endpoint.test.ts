// SPDX-License-Identifier: Apache-2.0

import {
  Client,
  type ClientOptions,
  compressionAlgorithms,
  credentials,
  Metadata,
  status,
} from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { GrpcCode } from "../../base/grpc-code.ts";
import type { CancelReason, GrpcEndpointOptions, Method } from "./index.ts";
import { echo, type Served, serve as serveEndpoint } from "./testing/served-endpoint.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const identity = (bytes: Buffer): Buffer => bytes;
function connect({ port }: Served, options: ClientOptions = {}): Client {
  const unlimited = { "grpc.max_receive_message_length": -1 };
  const all = { ...unlimited, ...options };
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), all);
  onTestFinished(() => client.close());
  return client;
}

async function serve(
  methods: Record<string, Method>,
  options: Partial<GrpcEndpointOptions> = {},
): Promise<Served & { client: Client }> {
  const served = await serveEndpoint(methods, options);
  return { ...served, client: connect(served) };
}

function unary(
  client: Client,
  path: string,
  message: Uint8Array,
  metadata = new Metadata(),
  options = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(message);
    client.makeUnaryRequest(path, identity, identity, bytes, metadata, options, (error, value) => {
      if (error === null) resolve(value ?? Buffer.alloc(0));
      else reject(error);
    });
  });
}

function pattern(bytes: number): Buffer {
  return Buffer.from(
    Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
  );
}

describe("a unary call", () => {
  test("is answered with what the handler gives", async () => {
    const { client } = await serve({ "/t.S/Echo": echo });
    expect(await unary(client, "/t.S/Echo", Buffer.from("hello"))).toEqual(Buffer.from("hello"));
    expect(await unary(client, "/t.S/Echo", Buffer.alloc(0))).toEqual(Buffer.alloc(0));
  });

  test("may be answered later, and in another order", async () => {
    const waiting: (() => void)[] = [];
    const later: Method = {
      kind: "unary",
      handler: (call, message) => {
        const copy = Buffer.from(message);
        waiting.push(() => call.respond(copy));
        if (waiting.length === 3) for (const answer of waiting.reverse()) answer();
      },
    };
    const { client } = await serve({ "/t.S/Later": later });
    const texts = ["one", "two", "three"];
    const answers = await Promise.all(
      texts.map((text) => unary(client, "/t.S/Later", Buffer.from(text))),
    );
    expect(answers.map(String)).toEqual(texts);
  });

  test("carries messages far larger than any window, both ways", async () => {
    const { client } = await serve({ "/t.S/Echo": echo }, { limits: { maxReceiveBytes: 8 * MIB } });
    const large = pattern(5 * MIB + 3);
    expect((await unary(client, "/t.S/Echo", large)).equals(large)).toBe(true);
  });

  test("works many at once on one connection and on several", async () => {
    const served = await serve({ "/t.S/Echo": echo });
    const clients = [served.client, connect(served, { "grpc.use_local_subchannel_pool": 1 })];
    const calls = Array.from({ length: 600 }, async (_, index) => {
      const client = clients[index % clients.length] ?? served.client;
      const message = pattern(index * 37);
      return (await unary(client, "/t.S/Echo", message)).equals(message);
    });
    expect((await Promise.all(calls)).every(Boolean)).toBe(true);
    expect(served.endpoint.counters).toMatchObject([
      { path: "/t.S/Echo", started: 600, messagesReceived: 600, messagesSent: 600 },
    ]);
    expect(served.endpoint.counters[0]?.handled[GrpcCode.ok]).toBe(600);
    expect(served.endpoint.openStreams).toBe(0);
  });

  test("fails with the handler's code, message and trailers", async () => {
    const fail: Method = {
      kind: "unary",
      handler: (call) => call.fail(GrpcCode.notFound, "näh: 100%\n", [["why", "gone"]]),
    };
    const { client } = await serve({ "/t.S/Fail": fail });
    const error = await unary(client, "/t.S/Fail", Buffer.alloc(0)).catch((caught) => caught);
    expect(error).toMatchObject({ code: status.NOT_FOUND, details: "näh: 100%\n" });
    expect(error.metadata.get("why")).toEqual(["gone"]);
  });

  test("is refused by its size in the words of grpc-go", async () => {
    const { client } = await serve({ "/t.S/Echo": echo }, { limits: { maxReceiveBytes: 100 } });
    await expect(unary(client, "/t.S/Echo", pattern(101))).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: "grpc: received message larger than max (101 vs. 100)",
    });
    expect(await unary(client, "/t.S/Echo", pattern(100))).toHaveLength(100);
  });

  test("does not answer with more than it may send", async () => {
    const { client } = await serve({ "/t.S/Echo": echo }, { limits: { maxSendBytes: 10 } });
    await expect(unary(client, "/t.S/Echo", pattern(11))).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: "trying to send message larger than max (11 vs. 10)",
    });
  });

  test("to nowhere is told so in the words of grpc-go", async () => {
    const { client } = await serve({ "/t.S/Echo": echo });
    const details = async (path: string): Promise<unknown> =>
      unary(client, path, Buffer.alloc(0)).catch((error) => [error.code, error.details]);
    expect(await details("/t.S/Nope")).toEqual([12, "unknown method Nope for service t.S"]);
    expect(await details("/t.X/Echo")).toEqual([12, "unknown service t.X"]);
    expect(await details("/Echo")).toEqual([12, 'malformed method name: "/Echo"']);
  });
});

describe("an answer in pages", () => {
  test("arrives as one message, however large, and is taken over without a copy", async () => {
    for (const sizes of [[3], [0, 5, 0], [70_000, 1], [600_000, 700_000, 400_000]]) {
      const pages = () => sizes.map((size, at) => Buffer.alloc(size, at + 1));
      const paged: Method = { kind: "unary", handler: (call) => call.respondPages(pages()) };
      const { client } = await serve({ "/t.S/Paged": paged });
      const answers = [1, 2].map(() => unary(client, "/t.S/Paged", Buffer.alloc(0)));
      for (const answer of await Promise.all(answers)) {
        expect(Buffer.compare(Buffer.from(answer), Buffer.concat(pages()))).toBe(0);
      }
    }
  });
});

describe("metadata", () => {
  test("reaches the handler, binary values decoded", async () => {
    const seen: unknown[] = [];
    const look: Method = {
      kind: "unary",
      handler: (call, message) => {
        const { metadata } = call;
        seen.push(metadata.get("token"), metadata.getAll("twice"), metadata.getBinary("raw-bin"));
        seen.push(
          metadata.get("absent"),
          [...metadata.entries()].map(([name]) => name),
        );
        seen.push(metadata.get("user-agent")?.startsWith("grpc-node-js/"), call.path);
        call.respond(message);
      },
    };
    const { client } = await serve({ "/t.S/Look": look });
    const metadata = new Metadata();
    metadata.set("token", "abc.1");
    metadata.add("twice", "1");
    metadata.add("twice", "2");
    metadata.set("raw-bin", Buffer.from([0, 255, 7]));
    await unary(client, "/t.S/Look", Buffer.alloc(0), metadata);
    const names = expect.arrayContaining(["token", "twice", "raw-bin", "user-agent"]);
    const raw = [Buffer.from([0, 255, 7])];
    const twice = ["1, 2"];
    expect(seen[1]).toSatisfy((all) => [twice.join(), "1,2"].includes(String(all)));
    expect(seen.toSpliced(1, 1)).toEqual(["abc.1", raw, undefined, names, true, "/t.S/Look"]);
  });

  test("names the client's address", async () => {
    const address: Method = {
      kind: "unary",
      handler: (call) => call.respond(Buffer.from(call.peerAddress)),
    };
    const { client } = await serve({ "/t.S/Address": address });
    const text = String(await unary(client, "/t.S/Address", Buffer.alloc(0)));
    expect(text).toMatch(/^127\.0\.0\.1:\d+$/);
  });
});

describe("compressed requests", () => {
  const gzip = { "grpc.default_compression_algorithm": compressionAlgorithms.gzip };

  test("are inflated", async () => {
    const served = await serve({ "/t.S/Echo": echo });
    const large = Buffer.alloc(300 * KIB, "compressible ");
    expect((await unary(connect(served, gzip), "/t.S/Echo", large)).equals(large)).toBe(true);
  });

  test("count by their inflated size", async () => {
    const served = await serve({ "/t.S/Echo": echo }, { limits: { maxReceiveBytes: 64 * KIB } });
    const bomb = Buffer.alloc(10 * MIB);
    await expect(unary(connect(served, gzip), "/t.S/Echo", bomb)).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: "grpc: received message after decompression larger than max 65536",
    });
  });

  test("in another coding are refused, naming the one that works", async () => {
    const served = await serve({ "/t.S/Echo": echo });
    const deflate = { "grpc.default_compression_algorithm": compressionAlgorithms.deflate };
    const client = connect(served, deflate);
    const error = await unary(client, "/t.S/Echo", pattern(5000)).catch((caught) => caught);
    expect(error).toMatchObject({
      code: status.UNIMPLEMENTED,
      details: 'grpc: Decompressor is not installed for grpc-encoding "deflate"',
    });
  });
});

describe("deadlines and cancelling", () => {
  function stuck(): { method: Method; told: Promise<CancelReason>; reached: Promise<number> } {
    const told = Promise.withResolvers<CancelReason>();
    const reached = Promise.withResolvers<number>();
    const method: Method = {
      kind: "unary",
      handler: (call) => {
        call.onCancel(told.resolve);
        reached.resolve((call.deadlineMs ?? Number.NaN) - performance.now());
      },
    };
    return { method, told: told.promise, reached: reached.promise };
  }

  test("a deadline that passes is told to the handler", async () => {
    const { method, told, reached } = stuck();
    const { client, endpoint } = await serve({ "/t.S/Stuck": method });
    const options = { deadline: Date.now() + 120 };
    const call = unary(client, "/t.S/Stuck", Buffer.alloc(0), new Metadata(), options);
    await expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(await reached).toBeLessThan(121);
    expect(await told).toMatch(/^(deadline|cancelled)$/);
    expect(endpoint.openStreams).toBe(0);
  });

  test("a call that the client cancels is told to the handler, and its answer is dropped", async () => {
    const { method, told, reached } = stuck();
    const { client, endpoint } = await serve({ "/t.S/Stuck": method });
    const failed = Promise.withResolvers<unknown>();
    const bytes = Buffer.alloc(0);
    const call = client.makeUnaryRequest("/t.S/Stuck", identity, identity, bytes, failed.resolve);
    await reached;
    call.cancel();
    expect(await told).toBe("cancelled");
    expect(await failed.promise).toMatchObject({ code: status.CANCELLED });
    expect(endpoint.counters[0]?.handled[GrpcCode.canceled]).toBe(1);
  });

  test("a connection that closes ends its calls", async () => {
    const { method, told, reached } = stuck();
    const { client, endpoint } = await serve({ "/t.S/Stuck": method });
    const call = unary(client, "/t.S/Stuck", Buffer.alloc(0));
    await reached;
    endpoint.close();
    expect(await told).toBe("connection-closed");
    await expect(call).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe("streaming calls", () => {
  test("of the server send what is written and then end", async () => {
    const count: Method = {
      kind: "stream",
      handler: (call) => ({
        onMessage: (message) => {
          for (let index = 0; index < Number(message.length); index++) call.write(pattern(index));
          call.end();
        },
        onHalfClose: () => {},
        onCancel: () => {},
      }),
    };
    const { client, endpoint } = await serve({ "/t.S/Count": count });
    const call = client.makeServerStreamRequest("/t.S/Count", identity, identity, pattern(50));
    const sizes: number[] = [];
    for await (const message of call) sizes.push(message.length);
    expect(sizes).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(endpoint.counters).toMatchObject([{ messagesSent: 50, messagesReceived: 1 }]);
  });

  test("of the client deliver every message and then the half-close", async () => {
    const sum: Method = {
      kind: "stream",
      handler: (call) => {
        let bytes = 0;
        return {
          onMessage: (message) => {
            bytes += message.length;
          },
          onHalfClose: () => {
            call.write(Buffer.from(String(bytes)));
            call.end();
          },
          onCancel: () => {},
        };
      },
    };
    const { client } = await serve({ "/t.S/Sum": sum });
    const answer = await new Promise<string>((resolve, reject) => {
      const call = client.makeClientStreamRequest(
        "/t.S/Sum",
        identity,
        identity,
        (error, value) => {
          if (error === null) resolve(String(value));
          else reject(error);
        },
      );
      for (let index = 0; index < 300; index++) call.write(pattern(index * 100));
      call.end();
    });
    expect(answer).toBe(String((299 * 300 * 100) / 2));
  });

  test("in both directions answer message by message", async () => {
    const mirror: Method = {
      kind: "stream",
      handler: (call) => ({
        onMessage: (message) => call.write(message),
        onHalfClose: () => call.end(),
        onCancel: () => {},
      }),
    };
    const { client } = await serve({ "/t.S/Mirror": mirror });
    const call = client.makeBidiStreamRequest("/t.S/Mirror", identity, identity);
    const texts: string[] = [];
    call.write(Buffer.from("0"));
    for await (const message of call) {
      texts.push(String(message));
      if (texts.length < 20) call.write(Buffer.from(String(texts.length)));
      else call.end();
    }
    expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
  });

  test("tell their handler when the client cancels", async () => {
    const told = Promise.withResolvers<CancelReason>();
    const watch: Method = {
      kind: "stream",
      handler: (call) => {
        call.write(Buffer.from("created"));
        return { onMessage: () => {}, onHalfClose: () => {}, onCancel: told.resolve };
      },
    };
    const { client } = await serve({ "/t.S/Watch": watch });
    const call = client.makeBidiStreamRequest("/t.S/Watch", identity, identity);
    call.on("error", () => {});
    call.once("data", () => call.cancel());
    expect(await told.promise).toBe("cancelled");
  });

  test("of a slow reader push back, and go on when there is room", async () => {
    const done = Promise.withResolvers<{ refused: number; most: number }>();
    const flood: Method = {
      kind: "stream",
      handler: (call) => {
        let [left, refused, most] = [80, 0, 0];
        const pump = (): void => {
          while (left > 0) {
            left--;
            const goOn = call.write(pattern(64 * KIB));
            most = Math.max(most, call.bufferedBytes);
            if (!goOn) {
              refused++;
              return;
            }
          }
          call.end();
          done.resolve({ refused, most });
        };
        pump();
        return { onMessage: () => {}, onHalfClose: () => {}, onCancel: () => {}, onDrain: pump };
      },
    };
    const { client } = await serve({ "/t.S/Flood": flood });
    const call = client.makeServerStreamRequest("/t.S/Flood", identity, identity, pattern(0));
    let bytes = 0;
    for await (const message of call) bytes += message.length;
    expect(bytes).toBe(80 * 64 * KIB);
    const { refused, most } = await done.promise;
    expect(refused).toBeGreaterThan(0);
    expect(most).toBeLessThan(MIB + 2 * 64 * KIB);
  });

  test("send what is lent whole, and give it back when it has left", async () => {
    const rounds = 40;
    const lent = Buffer.alloc(300 * KIB);
    let waits = 0;
    const lender: Method = {
      kind: "stream",
      handler: (call) => {
        let round = 0;
        const pump = (): void => {
          while (round < rounds) {
            // Whatever of the round before had not left would carry this number.
            lent.fill(++round);
            const [head, tail] = [lent.subarray(0, 10), lent.subarray(10)];
            const messages = [[head], [], [tail.subarray(0, 100_000), tail.subarray(100_000)]];
            if (call.lend(messages)) continue;
            waits++;
            return;
          }
          call.end();
        };
        pump();
        return { onMessage: () => {}, onHalfClose: () => {}, onCancel: () => {}, onDrain: pump };
      },
    };
    const { client } = await serve({ "/t.S/Lender": lender });
    const call = client.makeServerStreamRequest("/t.S/Lender", identity, identity, pattern(0));
    let at = 0;
    for await (const message of call) {
      const round = Math.floor(at / 3) + 1;
      const size = [10, 0, 300 * KIB - 10][at % 3] ?? 0;
      expect(message.equals(Buffer.alloc(size, round)), `message ${at}`).toBe(true);
      at++;
    }
    expect(at).toBe(3 * rounds);
    expect(waits).toBeGreaterThan(0);
  });

  test("that are paused make the client wait, and lose nothing", async () => {
    const full = Promise.withResolvers<() => void>();
    const sum: Method = {
      kind: "stream",
      handler: (call) => {
        let bytes = 0;
        call.pause();
        full.resolve(() => call.resume());
        return {
          onMessage: (message) => {
            bytes += message.length;
          },
          onHalfClose: () => {
            call.write(Buffer.from(String(bytes)));
            call.end();
          },
          onCancel: () => {},
        };
      },
    };
    const { client, endpoint } = await serve({ "/t.S/Sum": sum });
    const answer = Promise.withResolvers<string>();
    const call = client.makeClientStreamRequest("/t.S/Sum", identity, identity, (_error, value) =>
      answer.resolve(String(value)),
    );
    for (let index = 0; index < 64; index++) call.write(pattern(64 * KIB));
    call.end();
    const resume = await full.promise;
    expect(await unary(client, "/t.S/Nope", pattern(0)).catch((error) => error.code)).toBe(12);
    expect(endpoint.counters).toMatchObject([{ messagesReceived: 0 }]);
    resume();
    expect(await answer.promise).toBe(String(64 * 64 * KIB));
  });
});

describe("draining", () => {
  test("serves what has begun, then closes, and clients go elsewhere", async () => {
    const begun = Promise.withResolvers<() => void>();
    const slow: Method = {
      kind: "unary",
      handler: (call) => begun.resolve(() => call.respond(Buffer.from("served"))),
    };
    const { client, endpoint } = await serve({ "/t.S/Slow": slow });
    const call = unary(client, "/t.S/Slow", Buffer.alloc(0));
    const answer = await begun.promise;
    let drained = false;
    const draining = endpoint.drain().then(() => {
      drained = true;
    });
    expect(drained).toBe(false);
    answer();
    expect(String(await call)).toBe("served");
    await draining;
    expect(endpoint.openConnections).toBe(0);
  });

  test("is done at once when nobody is connected", async () => {
    const { endpoint } = await serve({});
    await endpoint.drain();
    expect(endpoint.openConnections).toBe(0);
  });
});
