// SPDX-License-Identifier: Apache-2.0

import { Client, type ClientOptions, credentials, Metadata, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { type Listener, listen } from "../net/index.ts";
import { GrpcEndpoint, type GrpcEndpointOptions, type Method, Status } from "./index.ts";

const identity = (bytes: Buffer): Buffer => bytes;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(
  methods: Record<string, Method>,
  options: Partial<GrpcEndpointOptions> = {},
): Promise<{ endpoint: GrpcEndpoint; listener: Listener; client: Client }> {
  const endpoint = new GrpcEndpoint({
    methods: new Map(Object.entries(methods)),
    clock: { monotonicMs: () => performance.now(), unixMs: () => Date.now() },
    ...options,
  });
  const listener = await listen({
    url: "http://127.0.0.1:0",
    onSocket: (socket) => endpoint.accept(socket),
  });
  closers.push(() => listener.close());
  closers.push(() => endpoint.close());
  return { endpoint, listener, client: connect(listener) };
}

function connect(listener: Listener, options: ClientOptions = {}): Client {
  const client = new Client(`127.0.0.1:${listener.port}`, credentials.createInsecure(), options);
  closers.push(() => client.close());
  return client;
}

function unary(client: Client, path: string, message: Buffer, metadata = new Metadata()) {
  return new Promise<Buffer | undefined>((resolve, reject) => {
    client.makeUnaryRequest(path, identity, identity, message, metadata, (error, value) => {
      if (error === null) resolve(value);
      else reject(error);
    });
  });
}

const echo: Method = { kind: "unary", handler: (call, message) => call.respond(message) };

describe("unary calls", () => {
  test("answer with what the handler gives", async () => {
    const { client } = await serve({ "/t.S/Echo": echo });
    expect(await unary(client, "/t.S/Echo", Buffer.from("hello"))).toEqual(Buffer.from("hello"));
  });

  test("fail with the handler's code and message", async () => {
    const fail: Method = {
      kind: "unary",
      handler: (call) => call.fail(Status.notFound, "näh: 100%\n"),
    };
    const { client } = await serve({ "/t.S/Fail": fail });
    await expect(unary(client, "/t.S/Fail", Buffer.alloc(0))).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: "näh: 100%\n",
    });
  });
});
