// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { freePort } from "./free-port.ts";
import { GrpcClient } from "./grpc-client.ts";
import { listensOn } from "./port-owner.ts";
import type { ServerCommand } from "./server-command.ts";

const startAttemptsMax = 3;
const readyWaitMs = 60_000;
const stopWaitMs = 30_000;
const probeGapMs = 20;
/** What is kept of the server's log, to explain a failure. */
const logCharactersMax = 64 * 1024;

export interface ServerOptions {
  /** Further flags, after those that say where to listen. */
  readonly args?: readonly string[];
  /** A data directory to use; without it a fresh one that `dispose` removes. */
  readonly dataDir?: string;
  /** Has `dispose` remove the directory given, which an earlier run made. */
  readonly ownsDataDir?: boolean;
  /** Ports of an earlier run, so that a restarted member keeps its address. */
  readonly ports?: Ports;
  /** Parent of a fresh data directory; the system's temporary directory by default. */
  readonly parentDir?: string;
}

export interface Ports {
  readonly client: number;
  readonly peer: number;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One server process on loopback. */
export class ServerProcess {
  readonly command: ServerCommand;
  readonly dataDir: string;
  readonly ports: Ports;
  readonly #child: ChildProcess;
  readonly #ownsDataDir: boolean;
  readonly #exited: Promise<void>;
  readonly #logListeners = new Set<() => void>();
  #exit: ServerExit | undefined;
  #log = "";

  private constructor(command: ServerCommand, ports: Ports, dir: DataDir, args: readonly string[]) {
    this.command = command;
    this.ports = ports;
    this.dataDir = dir.path;
    this.#ownsDataDir = dir.isOwn;
    const [program = "", ...words] = command.words;
    const flags = [...words, ...listenFlags(dir.path, ports), ...args];
    this.#child = spawn(program, flags, { stdio: ["ignore", "pipe", "pipe"] });
    const keep = (text: string): void => {
      this.#log = (this.#log + text).slice(-logCharactersMax);
      for (const listener of this.#logListeners) listener();
    };
    this.#child.stdout?.setEncoding("utf8").on("data", keep);
    this.#child.stderr?.setEncoding("utf8").on("data", keep);
    this.#exited = new Promise((resolve) => {
      // "close" comes after "exit", when all that the process wrote has been read.
      this.#child.once("close", (code, signal) => {
        this.#exit ??= { code, signal };
        resolve();
      });
      this.#child.once("error", (error) => {
        keep(String(error));
        this.#exit ??= { code: null, signal: null };
        resolve();
      });
    });
  }

  /** Starts a server and waits until it answers a linearizable read. */
  static async start(command: ServerCommand, options: ServerOptions = {}): Promise<ServerProcess> {
    const parent = options.parentDir ?? tmpdir();
    const isOwn = options.ownsDataDir ?? options.dataDir === undefined;
    const path = options.dataDir ?? mkdtempSync(join(parent, "etcdx-server-"));
    for (let attempt = 1; ; attempt += 1) {
      const ports = options.ports ?? { client: await freePort(), peer: await freePort() };
      const server = new ServerProcess(command, ports, { path, isOwn }, options.args ?? []);
      const failure = await server.#untilReady();
      if (failure === undefined) return server;
      await server.kill("SIGKILL");
      const isPortTaken = /address (?:already|is) in use|EADDRINUSE/.test(server.log);
      if (isPortTaken && attempt < startAttemptsMax) continue;
      if (isOwn) rmSync(path, { recursive: true, force: true });
      throw new Error(`${command.name} did not start: ${failure}\n${server.log}`);
    }
  }

  /** Starts a server without waiting; `logged` and `exited` tell how far it has come. */
  static async begin(
    command: ServerCommand,
    options: ServerOptions & { readonly dataDir: string },
  ): Promise<ServerProcess> {
    const ports = options.ports ?? { client: await freePort(), peer: await freePort() };
    const dir = { path: options.dataDir, isOwn: false };
    return new ServerProcess(command, ports, dir, options.args ?? []);
  }

  /** Runs a server that is expected to end by itself, and waits for that. */
  static async runToEnd(
    command: ServerCommand,
    options: ServerOptions & { readonly dataDir: string },
  ): Promise<ServerProcess> {
    const server = await ServerProcess.begin(command, options);
    await server.exited();
    return server;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** `127.0.0.1:port`, for a gRPC client. */
  get endpoint(): string {
    return `127.0.0.1:${this.ports.client}`;
  }

  get url(): string {
    return `http://${this.endpoint}`;
  }

  /** The end of what the server wrote to its standard streams. */
  get log(): string {
    return this.#log;
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** Waits for the process to end by itself; kills it and throws when that takes too long. */
  async exited(): Promise<ServerExit> {
    const late = new AbortController();
    const patience = delay(stopWaitMs, "late", { signal: late.signal }).catch(() => "ended");
    const outcome = await Promise.race([this.#exited.then(() => "ended"), patience]);
    late.abort();
    if (outcome === "ended") return this.#exit ?? { code: null, signal: null };
    this.#child.kill("SIGKILL");
    await this.#exited;
    throw new Error(`${this.command.name} did not end within ${stopWaitMs} ms\n${this.#log}`);
  }

  /** Waits until the server has written `text` to its log. */
  async logged(text: string): Promise<void> {
    if (this.#log.includes(text)) return;
    const found = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.#log.includes(text)) found.resolve();
    };
    this.#logListeners.add(look);
    const ended = this.#exited.then(() => {
      throw new Error(`${this.command.name} ended without writing "${text}"\n${this.#log}`);
    });
    await Promise.race([found.promise, ended]).finally(() => this.#logListeners.delete(look));
  }

  /** Sends the signal and waits for the process to end. */
  async kill(signal: NodeJS.Signals): Promise<ServerExit> {
    if (!this.hasExited) this.#child.kill(signal);
    return this.exited();
  }

  /** Ends the process and removes a data directory that it made. */
  async dispose(): Promise<void> {
    await this.kill("SIGKILL");
    if (this.#ownsDataDir) rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Undefined when the server answers, otherwise why it does not. */
  async #untilReady(): Promise<string | undefined> {
    const deadline = Date.now() + readyWaitMs;
    const client = new GrpcClient(this.endpoint);
    const key = new TextEncoder().encode("etcdx-ready-probe");
    let last: unknown = "no answer";
    try {
      while (Date.now() < deadline) {
        if (this.hasExited) return "the process ended";
        try {
          await client.unary(KVService.range, { key }, { deadlineMs: 1_000 });
          // While it starts, somebody else's server may have come up on a port of an earlier run.
          if (listensOn(this.pid, this.ports.client)) return undefined;
          last = "another process answers on its port";
        } catch (error) {
          last = error;
        }
        await delay(probeGapMs);
      }
    } finally {
      client.close();
    }
    return `not ready after ${readyWaitMs} ms: ${String(last)}`;
  }
}

interface DataDir {
  readonly path: string;
  readonly isOwn: boolean;
}

function listenFlags(dataDir: string, ports: Ports): string[] {
  const client = `http://127.0.0.1:${ports.client}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  return [
    "--name=m1",
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=m1=${peer}`,
    "--logger=zap",
    "--log-level=warn",
  ];
}
