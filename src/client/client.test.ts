// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeServer } from "../../test/golden/fake-server.ts";
import { KVService, WatchService } from "../api/gen/etcdserverpb.ts";
import { GrpcCode } from "../api/rpc-errors.ts";
import { Client } from "./client.ts";
import { ClientOptionsError, RpcError } from "./errors.ts";
import type { AttemptFailure } from "./options.ts";
import { rangeStream } from "./range-stream.ts";
import { WatchStream } from "./watch-stream.ts";

const key = Buffer.from("k");
const unavailable = { code: GrpcCode.unavailable, details: "etcdserver: leader changed" };
// Nothing listens on the first port: dialling it fails at once.
const NOBODY = "127.0.0.1:1";

let server: FakeServer;
let failures: AttemptFailure[];
let client: Client;

beforeEach(async () => {
  server = await FakeServer.start();
  failures = [];
  client = open(server.endpoint);
});

afterEach(() => {
  client.close();
  server.stop();
});

function open(...endpoints: string[]): Client {
  return new Client({ endpoints, onAttemptFailure: (failure) => failures.push(failure) });
}

describe("a unary call", () => {
  test("sends the request and gives the answer", async () => {
    server.answer(KVService.range, { count: 7 });
    const response = await client.call(KVService.range, { key, limit: 3 });
    expect(response.count).toBe(7);
    const [sent] = server.take();
    expect(KVService.range.request.decode(sent?.request ?? new Uint8Array(0)).limit).toBe(3);
  });

  test("that reads is repeated while the server is unavailable", async () => {
    server.answer(KVService.range, unavailable, unavailable, { count: 1 });
    const response = await client.call(KVService.range, { key }, { repeatable: true });
    expect(response.count).toBe(1);
    expect(failures.map((failure) => failure.attempt)).toEqual([0, 1]);
  });

  test("that writes is not repeated once it may have arrived", async () => {
    server.answer(KVService.put, unavailable, {});
    const call = client.call(KVService.put, { key });
    await expect(call).rejects.toThrow("etcdserver: leader changed");
    expect(server.take()).toHaveLength(1);
  });

  test("that the server refuses is not repeated, be it a read", async () => {
    server.answer(KVService.range, { code: GrpcCode.outOfRange, details: "no" }, {});
    const call = client.call(KVService.range, { key }, { repeatable: true });
    await expect(call).rejects.toThrow("rpc error: code = OutOfRange desc = no");
  });

  test("names the connection of an attempt that failed", async () => {
    server.answer(KVService.range, { code: GrpcCode.notFound, details: "no" });
    await expect(client.call(KVService.range, { key })).rejects.toThrow(RpcError);
    expect(failures).toMatchObject([
      {
        target: server.endpoint,
        method: "/etcdserverpb.KV/Range",
        error: "rpc error: code = NotFound desc = no",
        peer: { remote: server.endpoint, secure: false },
      },
    ]);
    expect(failures[0]?.peer?.local).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("waits for a connection until its deadline and says why there was none", async () => {
    const lonely = open(NOBODY);
    const call = lonely.call(KVService.put, { key }, { deadlineMs: Date.now() + 150 });
    await expect(call).rejects.toThrow("context deadline exceeded");
    lonely.close();
    expect(failures).toHaveLength(1);
    expect(failures[0]?.peer).toBeUndefined();
    expect(failures[0]?.error).toContain(`dial tcp ${NOBODY}: connect: connection refused`);
  });

  test("goes round the endpoints and passes over those that are down", async () => {
    const other = await FakeServer.start();
    server.answer(KVService.range, {});
    other.answer(KVService.range, {});
    const both = open(NOBODY, server.endpoint, other.endpoint);
    const deadlineMs = Date.now() + 20_000;
    for (let count = 0; count < 12; count++) {
      await both.call(KVService.range, { key }, { deadlineMs });
    }
    both.close();
    expect(server.take().length + other.take().length).toBe(12);
    other.stop();
  });

  test("whose signal is aborted ends", async () => {
    const abort = new AbortController();
    const lonely = open(NOBODY);
    abort.abort();
    const call = lonely.call(KVService.put, { key }, { signal: abort.signal });
    await expect(call).rejects.toThrow(RpcError);
    lonely.close();
  });

  test("larger than the limit is not sent", async () => {
    const small = new Client({ endpoints: [server.endpoint], sendBytesMax: 10 });
    const call = small.call(KVService.put, { key, value: new Uint8Array(100) });
    await expect(call).rejects.toThrow("trying to send message larger than max (105 vs. 10)");
    small.close();
    expect(server.take()).toEqual([]);
  });

  test("with an answer larger than the limit fails", async () => {
    server.answer(KVService.range, { kvs: [{ value: new Uint8Array(100) }] });
    const small = new Client({ endpoints: [server.endpoint], receiveBytesMax: 10 });
    const call = small.call(KVService.range, { key });
    await expect(call).rejects.toThrow(/grpc: received message larger than max \(\d+ vs\. 10\)/);
    small.close();
  });
});

describe("a stream", () => {
  const largeKey = new Uint8Array(100);

  test("whose message is larger than the limit ends, and it is not sent", async () => {
    const small = new Client({ endpoints: [server.endpoint], sendBytesMax: 10 });
    const refused = /trying to send message larger than max \(\d+ vs\. 10\)/;
    await expect(rangeStream(small, { key: largeKey })).rejects.toThrow(refused);
    const watch = new WatchStream(small, { createRequest: { key: largeKey } });
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toThrow(refused);
    small.close();
    expect(server.take()).toEqual([]);
  });

  test("of a range may have pieces of any number of pairs", async () => {
    const kvs = Array.from({ length: 200_000 }, () => ({ key }));
    server.stream(KVService.rangeStream, { rangeResponse: { kvs } });
    expect((await rangeStream(client, { key })).kvs).toHaveLength(200_000);
  });

  test("with an answer larger than the limit fails in the words of a call", async () => {
    server.answer(WatchService.watch, { created: true, cancelReason: "x".repeat(100) });
    const small = new Client({ endpoints: [server.endpoint], receiveBytesMax: 10 });
    const watch = new WatchStream(small, { createRequest: { key } });
    const refused = /grpc: received message larger than max \(\d+ vs\. 10\)/;
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toThrow(refused);
    small.close();
  });
});

test("a client needs an endpoint and limits that fit together", () => {
  expect(() => open()).toThrow(ClientOptionsError);
  const limits = { sendBytesMax: 100, receiveBytesMax: 10 };
  expect(() => new Client({ endpoints: [NOBODY], ...limits })).toThrow(
    "gRPC message recv limit (10 bytes) must be greater than send limit (100 bytes)",
  );
});

describe("a watch", () => {
  const header = (revision: number) => ({ revision });
  const event = (revision: number) => ({ kv: { key, modRevision: revision } });

  test("hands out the answers and continues after the last event when its stream breaks", async () => {
    server.stream(
      WatchService.watch,
      { created: true, header: header(5) },
      { header: header(6), events: [event(6)] },
      { header: header(8), events: [event(7), event(8)] },
    );
    const stream = new WatchStream(client, { createRequest: { key } });
    const seen: number[] = [];
    for await (const response of stream) {
      seen.push(response.header?.revision ?? 0);
      if (seen.length === 3) {
        server.answer(WatchService.watch, {
          created: true,
          header: header(9),
        });
        server.breakStreams();
      }
      if (seen.length === 4) break;
    }
    expect(seen).toEqual([5, 6, 8, 9]);
    const starts = server.take().map(({ request }) => {
      return WatchService.watch.request.decode(request).createRequest?.startRevision;
    });
    expect(starts).toEqual([0, 9]);
  });

  test("that the server refuses ends with its error", async () => {
    server.answer(WatchService.watch, { code: GrpcCode.permissionDenied, details: "no" });
    const stream = new WatchStream(client, { createRequest: { key } });
    const run = async (): Promise<void> => {
      for await (const _ of stream);
    };
    await expect(run()).rejects.toThrow("rpc error: code = PermissionDenied desc = no");
  });
});
