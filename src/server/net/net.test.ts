// SPDX-License-Identifier: Apache-2.0

import { existsSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import { ListenError, type Listener, listen, ProtocolMux } from "./index.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(url: string, onSocket: (socket: Socket) => void = () => {}): Promise<Listener> {
  const listener = await listen({ url, onSocket });
  closers.push(() => listener.close());
  return listener;
}

function client(port: number): Socket {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.on("error", () => {});
  closers.push(() => socket.destroy());
  return socket;
}

async function everything(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part);
  return Buffer.concat(parts).toString("latin1");
}

describe("a listener", () => {
  test("finds a free port, says which, and hands over connections", async () => {
    const accepted = Promise.withResolvers<Socket>();
    const listener = await open("http://127.0.0.1:0", accepted.resolve);
    expect(listener.url).toBe(`http://127.0.0.1:${listener.port}`);
    client(listener.port);
    await accepted.promise;
    expect(listener.openSockets).toBe(1);
  });

  test("closes its connections, or waits for them when it only stops", async () => {
    const accepted = Promise.withResolvers<Socket>();
    const listener = await open("http://127.0.0.1:0", accepted.resolve);
    const socket = client(listener.port);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await accepted.promise;
    let stopped = false;
    const stopping = listener.stop().then(() => {
      stopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    await listener.close();
    await stopping;
    socket.resume().end();
    await closed;
    expect(listener.openSockets).toBe(0);
  });

  test("that finds its port taken says so and what to do", async () => {
    const { url } = await open("http://127.0.0.1:0");
    const failure = await listen({ url, onSocket: () => {} }).catch((error) => error);
    expect(failure).toBeInstanceOf(ListenError);
    expect(failure).toMatchObject({ code: "EADDRINUSE", url });
    expect(failure.message).toBe(
      `cannot listen on ${url}: the address is in use: stop the process that has it, or choose another one`,
    );
  });

  test("takes unix sockets, replacing a file that a dead process left", async () => {
    const path = join(tempDir(), "etcd.sock");
    const left = await listen({ url: `unix://${path}`, onSocket: () => {} });
    const accepted = Promise.withResolvers<Socket>();
    const listener = await open(`unix://${path}`, accepted.resolve);
    const socket = connect({ path });
    await accepted.promise;
    socket.destroy();
    expect(listener).toMatchObject({ url: `unix://${path}`, port: 0 });
    await left.close();
  });

  test("does not replace a file that is no socket", async () => {
    const path = join(tempDir(), "precious");
    writeFileSync(path, "data");
    const failure = await listen({ url: `unix://${path}`, onSocket: () => {} }).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({ code: "EADDRINUSE" });
    expect(existsSync(path)).toBe(true);
  });

  test.each([
    ["https://127.0.0.1:0", /has to start with http:\/\/ or unix:\/\//],
    ["http://", /not a valid URL/],
    ["unix://", /needs a path/],
    ["http://192.0.2.1:0", /this machine has no such address/],
  ])("refuses %s", async (url, text) => {
    await expect(listen({ url, onSocket: () => {} })).rejects.toThrow(text);
  });
});

describe("the protocol mux", () => {
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  async function mux(firstBytesTimeoutMs = 60_000) {
    const http1 = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => response.end(`${request.url} ${Buffer.concat(parts)}`));
    });
    const http2: string[] = [];
    const seen = Promise.withResolvers<Socket>();
    const accept = (socket: Socket, first: Buffer): void => {
      http2.push(first.toString("latin1"));
      socket.on("data", (chunk: Buffer) => http2.push(chunk.toString("latin1")));
      seen.resolve(socket);
    };
    const proxy = new ProtocolMux({ http1, http2: { accept }, firstBytesTimeoutMs });
    const listener = await open("http://127.0.0.1:0", (socket) => proxy.accept(socket));
    closers.push(() => http1.closeAllConnections());
    return { listener, http2, seen: seen.promise, proxy };
  }

  test("passes HTTP/2 on with the bytes it has read, however they arrive", async () => {
    for (const at of [1, 3, 14, 23, 24, 30]) {
      const { listener, http2, seen } = await mux();
      const socket = client(listener.port);
      const bytes = `${preface}SETTINGS`;
      socket.setNoDelay(true);
      socket.write(bytes.slice(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      socket.end(bytes.slice(at));
      const server = await seen;
      await new Promise((resolve) => server.on("end", resolve).resume());
      expect(http2.join("")).toBe(bytes);
    }
  });

  test("passes everything else to HTTP/1.1", async () => {
    const { listener } = await mux();
    const body = await new Promise<string>((resolve) => {
      get(`${listener.url}/health`, (response) => {
        let text = "";
        response.on("data", (part: Buffer) => {
          text += part.toString();
        });
        response.on("end", () => resolve(text));
      });
    });
    expect(body).toBe("/health ");
  });

  test("passes a request on whole, in whatever pieces it comes", async () => {
    const bytes =
      "POST /kv HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody";
    for (const at of [1, 2, 4, 30, bytes.length - 1]) {
      const { listener } = await mux();
      const socket = client(listener.port);
      socket.setNoDelay(true);
      socket.write(bytes.slice(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(bytes.slice(at));
      expect(await everything(socket)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\/kv body/);
    }
  });

  test("lets HTTP/1.1 answer what is neither, such as a preface that goes wrong", async () => {
    const { listener } = await mux();
    for (const bytes of ["PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "\x16\x03\x01 not tls\r\n\r\n"]) {
      const socket = client(listener.port);
      socket.write(Buffer.from(bytes, "latin1"));
      expect(await everything(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    }
  });

  test("closes a connection that says nothing for too long, or leaves", async () => {
    const { listener } = await mux(20);
    const silent = client(listener.port);
    expect(await everything(silent)).toBe("");
    const leaving = client(listener.port);
    leaving.end("PRI");
    expect(await everything(leaving)).toBe("");
  });

  test("closes undecided connections when it is closed", async () => {
    const { listener, proxy } = await mux();
    const socket = client(listener.port);
    socket.write("PRI * H");
    while (listener.openSockets === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = new Promise((resolve) => socket.on("close", resolve).resume().end());
    proxy.close();
    await closed;
    expect(listener.openSockets).toBe(0);
  });
});
