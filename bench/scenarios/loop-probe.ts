// SPDX-License-Identifier: Apache-2.0
//
// Tells how long a server of ours stood still, from inside. The server is started with this module
// loaded before its own; whoever connects to the socket that its address names gets what was seen
// since the one before, as JSON.

import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { text } from "node:stream/consumers";
import { isMainThread } from "node:worker_threads";
import type { ServerCommand } from "../../test/harness/server-command.ts";

/** The longest that was seen, in milliseconds. */
export interface Standstills {
  /** A timer came so much too late. */
  readonly turn: number;
  /** A collection of garbage took so long on the main thread. */
  readonly collection: number;
}

const SOCKET_PARAMETER = "socket";
const RESOLUTION_MS = 2;

/** A probe in a server that is about to be started. */
export class LoopProbe {
  /** Starts the server with the probe in it. */
  readonly command: ServerCommand;
  readonly #directory: string;
  readonly #socket: string;

  private constructor(command: ServerCommand, parentDir: string) {
    this.#directory = mkdtempSync(join(parentDir, "etcdx-probe-"));
    this.#socket = join(this.#directory, "socket");
    const url = new URL(import.meta.url);
    url.searchParams.set(SOCKET_PARAMETER, this.#socket);
    const [program = "", ...words] = command.words;
    this.command = { ...command, words: [program, "--import", url.href, ...words] };
  }

  /** Undefined for a program that is not ours. */
  static into(command: ServerCommand, parentDir: string): LoopProbe | undefined {
    return command.words[0] === process.execPath ? new LoopProbe(command, parentDir) : undefined;
  }

  /** The longest since this was last asked. */
  async read(): Promise<Standstills> {
    return JSON.parse(await text(connect(this.#socket))) as Standstills;
  }

  dispose(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function probe(socket: string): void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let collection = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collection = Math.max(collection, duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  const server = createServer((connection) => {
    // What is recorded is the time between two looks.
    const turn = Math.max(0, delays.max / 1e6 - RESOLUTION_MS);
    connection.end(JSON.stringify({ turn, collection } satisfies Standstills));
    delays.reset();
    collection = 0;
  });
  server.listen(socket).unref();
}

const wanted = new URL(import.meta.url).searchParams.get(SOCKET_PARAMETER);
if (wanted !== null && isMainThread) probe(wanted);
