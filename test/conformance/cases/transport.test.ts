// SPDX-License-Identifier: Apache-2.0

import { connect } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { expect, test } from "vitest";
import {
  KVService,
  MaintenanceService,
  PutRequest,
  RangeRequest,
  RangeResponse,
  WatchService,
} from "../../../src/api/gen/etcdserverpb.ts";
import { bytes, text } from "../subjects/requests.ts";
import { sharedStore, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

const enhanceYourCalm = 11;

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
