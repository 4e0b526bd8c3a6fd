// SPDX-License-Identifier: Apache-2.0

import { connect } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { expect, test } from "vitest";
import {
  KVService,
  LeaseService,
  MaintenanceService,
  PutRequest,
  RangeRequest,
  RangeResponse,
  WatchService,
} from "../../../src/api/gen/etcdserverpb.ts";
import { framed, rawBodyStatus } from "../subjects/raw-call.ts";
import { type Refusal, refusal } from "../subjects/refusal.ts";
import { bytes, text } from "../subjects/requests.ts";
import { sharedStore, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

const enhanceYourCalm = 11;

function twice(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, bytes]);
}

describeCases("seen on the running etcd: transport and versions", () => {
  const store = sharedStore();

  test("O-grpc-1 compressed requests are accepted", async () => {
    const channel = new grpc.Client(store().server.endpoint, grpc.credentials.createInsecure(), {
      "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip,
      "grpc.use_local_subchannel_pool": 1,
    });
    const call = (path: string, message: Uint8Array): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        channel.makeUnaryRequest<Uint8Array, Buffer>(
          path,
          (each) => Buffer.from(each),
          (each) => each,
          message,
          (error, answer) => {
            if (error !== null) reject(error);
            else resolve(answer ?? Buffer.alloc(0));
          },
        );
      });
    try {
      const value = "z".repeat(2000);
      await call(KVService.put.path, PutRequest.encode({ key: bytes("zip"), value: bytes(value) }));
      const answer = await call(KVService.range.path, RangeRequest.encode({ key: bytes("zip") }));
      expect(text(RangeResponse.decode(answer).kvs[0]?.value)).toBe(value);
    } finally {
      channel.close();
    }
  });

  test("O-grpc-2 a client that pings without pause is sent away", async () => {
    const session = connect(store().server.url);
    session.on("error", () => {
      // The server ends the connection behind its GOAWAY; the case is about the GOAWAY.
    });
    const goaway = new Promise<{ code: number; reason: string }>((resolve) => {
      session.once("goaway", (code, _, data) => resolve({ code, reason: String(data) }));
    });
    await new Promise<void>((resolve) => session.once("connect", () => resolve()));
    const ping = (): void => {
      if (session.destroyed) return;
      session.ping(() => ping());
    };
    ping();
    expect(await goaway).toEqual({ code: enhanceYourCalm, reason: "too_many_pings" });
    session.destroy();
  });

  test("O-grpc-4 pings slower than the least time pass while a stream is open", () =>
    withFreshStore(
      async (fresh) => {
        const session = connect(fresh.server.url);
        let goaways = 0;
        session.on("goaway", () => {
          goaways += 1;
        });
        const stream = session.request({
          ":method": "POST",
          ":path": WatchService.watch.path,
          "content-type": "application/grpc",
          te: "trailers",
        });
        stream.on("error", () => {
          // The stream ends with its session.
        });
        for (let count = 0; count < 8; count += 1) {
          await delay(250);
          await new Promise<void>((resolve, reject) => {
            session.ping((error) => (error === null ? resolve() : reject(error)));
          });
        }
        expect(goaways).toBe(0);
        session.destroy();
      },
      { args: ["--grpc-keepalive-min-time=200ms"] },
    ));

  test("O-grpc-3 a method that does not exist is unimplemented", async () => {
    const method = { ...KVService.range, path: "/etcdserverpb.KV/Nothing" };
    await expect(store().client.unary(method, {})).rejects.toMatchObject({
      code: grpc.status.UNIMPLEMENTED,
      details: "unknown method Nothing for service etcdserverpb.KV",
    });
  });

  const brokenText = "proto: cannot parse invalid wire-format data";
  const unaryBroken = `grpc: error unmarshalling request: ${brokenText}`;
  const streamBroken = `grpc: failed to unmarshal the received message: ${brokenText}`;
  const noMessage =
    "cardinality violation: received no request message from non-client-streaming RPC";
  const twoMessages =
    "cardinality violation: received multiple request messages for non-client-streaming RPC";
  const broken = framed(Uint8Array.of(0x0a, 0x09));
  const empty = framed(new Uint8Array(0));
  const nothing = new Uint8Array(0);
  const halfPrefix = Uint8Array.of(0, 0);
  const halfMessage = framed(Uint8Array.of(0x0a, 0x01, 0x61)).subarray(0, 6);

  test.each<[string, Uint8Array, Refusal]>([
    ["/grpc.health.v1.Health/Check", broken, refusal("INTERNAL", unaryBroken)],
    ["/grpc.health.v1.Health/List", broken, refusal("INTERNAL", unaryBroken)],
    ["/grpc.health.v1.Health/Watch", broken, refusal("INTERNAL", streamBroken)],
    ["/grpc.health.v1.Health/List", empty, refusal("OK", "")],
    [MaintenanceService.snapshot.path, broken, refusal("INTERNAL", streamBroken)],
    [LeaseService.leaseKeepAlive.path, broken, refusal("INTERNAL", streamBroken)],
    [WatchService.watch.path, broken, refusal("INTERNAL", streamBroken)],
    [KVService.rangeStream.path, broken, refusal("INTERNAL", streamBroken)],
    [KVService.rangeStream.path, nothing, refusal("INTERNAL", noMessage)],
    [MaintenanceService.snapshot.path, nothing, refusal("INTERNAL", noMessage)],
    [KVService.rangeStream.path, halfPrefix, refusal("INTERNAL", noMessage)],
    [KVService.rangeStream.path, halfMessage, refusal("INTERNAL", "unexpected EOF")],
    [MaintenanceService.snapshot.path, twice(empty), refusal("INTERNAL", twoMessages)],
    [LeaseService.leaseKeepAlive.path, halfPrefix, refusal("OK", "")],
    [LeaseService.leaseKeepAlive.path, halfMessage, refusal("INTERNAL", "unexpected EOF")],
    [KVService.range.path, nothing, refusal("UNKNOWN", "EOF")],
    [KVService.range.path, halfPrefix, refusal("UNKNOWN", "EOF")],
    [KVService.range.path, halfMessage, refusal("UNKNOWN", "unexpected EOF")],
  ])(
    "O-grpc-5 a call that is not what its method takes gets a status: %s",
    async (path, body, wanted) => {
      expect(await rawBodyStatus(store().server.url, path, body)).toEqual(wanted);
    },
  );

  test("O-grpc-6 metrics have each method's kind, and locks only when they were called", async () => {
    const metrics = await (await fetch(`${store().server.url}/metrics`)).text();
    const started = metrics.split("\n").filter((line) => /^grpc_server_started_total/.test(line));
    const kinds = started.map((line) => /grpc_service="([^"]+)",grpc_type="([^"]+)"/.exec(line));
    const health = kinds.flatMap((found) =>
      found?.[1] === "grpc.health.v1.Health" ? [found[2]] : [],
    );
    expect(health.sort()).toEqual(["server_stream", "unary", "unary"]);
    expect(kinds.filter((found) => found?.[1] === "v3lockpb.Lock")).toEqual([]);
  });

  test("O-versions-1 status names the server's and the storage's version", async () => {
    const answer = await store().client.unary(MaintenanceService.status, {});
    expect([answer.version, answer.storageVersion]).toEqual(["3.7.1", "3.7.0"]);
    expect(answer.leader).toBe(answer.header?.memberId);
    expect(answer.errors).toEqual([]);
  });

  test("O-headers-1 the hash of a store never compacted says so with -1", async () => {
    const answer = await store().client.unary(MaintenanceService.hashKV, {});
    expect(answer.compactRevision).toBe(-1);
    expect(answer.hashRevision).toBe(await store().revision());
  });
});
