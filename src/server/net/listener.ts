// SPDX-License-Identifier: Apache-2.0

import { lstatSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { errorCode } from "../../base/system-error.ts";

/** TCP keepalive probes start after this much silence, as etcd's listeners have it. */
const TCP_KEEPALIVE_MS = 30_000;
/** Connections that the kernel may hold until they are accepted. */
const BACKLOG = 4096;

/** An address that cannot be listened on; the message names it and what to do. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly url: string;
  /** The operating system's code, such as EADDRINUSE; undefined for an address of a wrong form. */
  readonly code: string | undefined;

  constructor(url: string, reason: string, cause?: unknown) {
    super(`cannot listen on ${url}: ${reason}`, { cause });
    this.url = url;
    this.code = errorCode(cause);
  }
}

export interface ListenOptions {
  /** `http://host:port`, port 0 for any free one, or `unix://path`. */
  readonly url: string;
  /** Gets every connection; the listener keeps track of it until it closes. */
  readonly onSocket: (socket: Socket) => void;
  /** Lets several processes listen on the same port. */
  readonly reusePort?: boolean;
}

/** An open listening socket and the connections that came through it. */
export class Listener {
  /** The address as it turned out, with the real port. */
  readonly url: string;
  /** The TCP port; 0 on a unix socket. */
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  constructor(url: string, port: number, server: Server, sockets: Set<Socket>) {
    this.url = url;
    this.port = port;
    this.#server = server;
    this.#sockets = sockets;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Accepts nothing more; resolves when every connection is closed. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** The same, closing the connections at once. */
  async close(): Promise<void> {
    const stopped = this.stop();
    for (const socket of this.#sockets) socket.destroy();
    await stopped;
  }
}

type Target =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Opens a listener; rejects with `ListenError`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const target = targetOf(options.url);
  const sockets = new Set<Socket>();
  const server = createServer(
    {
      // Connections of HTTP/1.1 may close their sending side and still expect an answer.
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEPALIVE_MS,
    },
    (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      options.onSocket(socket);
    },
  );
  if (target.kind === "unix") removeStaleSocket(target.path);
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(new ListenError(options.url, reasonOf(error, target), error));
    };
    server.once("error", failed);
    const where =
      target.kind === "unix"
        ? { path: target.path }
        : { host: target.host, port: target.port, reusePort: options.reusePort === true };
    server.listen({ ...where, backlog: BACKLOG }, () => {
      server.off("error", failed);
      resolve();
    });
  });
  return opened(options.url, target, server, sockets);
}

function opened(url: string, target: Target, server: Server, sockets: Set<Socket>): Listener {
  const address = server.address();
  if (target.kind === "unix" || address === null || typeof address === "string") {
    return new Listener(url, 0, server, sockets);
  }
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return new Listener(`http://${host}:${address.port}`, address.port, server, sockets);
}

function targetOf(url: string): Target {
  if (url.startsWith("unix://")) {
    const path = url.slice("unix://".length);
    if (path === "") throw new ListenError(url, "a unix address needs a path: unix:///run/x.sock");
    return { kind: "unix", path };
  }
  if (!url.startsWith("http://")) {
    throw new ListenError(url, "the address has to start with http:// or unix://");
  }
  if (!URL.canParse(url)) throw new ListenError(url, "not a valid URL: use http://host:port");
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return { kind: "tcp", host, port: port === "" ? 80 : Number(port) };
}

/** A socket file that an earlier process left behind would make the address look taken. */
function removeStaleSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
}

function reasonOf(error: Error, target: Target): string {
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return "the address is in use: stop the process that has it, or choose another one";
    case "EACCES":
      return target.kind === "tcp"
        ? "permission denied: ports below 1024 need privileges, choose a higher one"
        : "permission denied: check the rights of the socket's directory";
    case "EADDRNOTAVAIL":
      return "this machine has no such address: use one of its own, or 0.0.0.0 for all";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the host name cannot be resolved: use an IP address or fix the name service";
    default:
      return error.message;
  }
}
