// SPDX-License-Identifier: Apache-2.0
//
// Tells how long a server of ours stood still, from inside. The server is started with this module
// loaded before its own; whoever connects to the socket that its address names gets what was seen
// since the one before, as JSON.

import { existsSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { text } from "node:stream/consumers";
import { isMainThread } from "node:worker_threads";
import type { ServerCommand } from "../../test/harness/server-command.ts";

/** The longest that was seen, in milliseconds. */
export interface Standstills {
  /** A timer came so much too late. */
  readonly turn: number;
  /**
   * The same without the time in which the thread was ready and others had the processors: other
   * threads, or other guests of the machine's host.
   */
  readonly ownTurn: number;
  /** A collection of garbage took so long on the main thread. */
  readonly collection: number;
}

const SOCKET_PARAMETER = "socket";
const RESOLUTION_MS = 2;
/** Linux's figures of the thread that opens it: time on a processor, time waiting for one. */
const SCHEDULER_FILE = "/proc/thread-self/schedstat";
/** The system's; its eighth figure is the time that the host gave to others, in ticks. */
const SYSTEM_FILE = "/proc/stat";
const STOLEN_FIELD = 8;
const TICK_MS = 10;

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
  let turn = 0;
  let ownTurn = 0;
  let collection = 0;
  const processorTimes = timesReader();
  let lookedMs = performance.now();
  let before = processorTimes();
  setInterval(() => {
    const nowMs = performance.now();
    const now = processorTimes();
    const lateMs = nowMs - lookedMs - RESOLUTION_MS;
    turn = Math.max(turn, lateMs);
    const ranMs = now.ranMs - before.ranMs;
    const awayMs = now.waitedMs - before.waitedMs + now.stolenMs - before.stolenMs;
    // What was stolen may have been the other processor's: never more than this thread did not run.
    ownTurn = Math.max(ownTurn, lateMs - Math.min(awayMs, Math.max(0, lateMs - ranMs)));
    lookedMs = nowMs;
    before = now;
  }, RESOLUTION_MS).unref();
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collection = Math.max(collection, duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  const server = createServer((connection) => {
    connection.end(JSON.stringify({ turn, ownTurn, collection } satisfies Standstills));
    turn = 0;
    ownTurn = 0;
    collection = 0;
  });
  server.listen(socket).unref();
}

interface ProcessorTimes {
  /** This thread's: on a processor, and ready without one. */
  readonly ranMs: number;
  readonly waitedMs: number;
  /** All processors'. */
  readonly stolenMs: number;
}

/** Reads what has added up so far; zeros where the system does not tell. */
function timesReader(): () => ProcessorTimes {
  if (!existsSync(SCHEDULER_FILE)) return () => ({ ranMs: 0, waitedMs: 0, stolenMs: 0 });
  const bytes = Buffer.alloc(512);
  const [thread, system] = [openSync(SCHEDULER_FILE, "r"), openSync(SYSTEM_FILE, "r")];
  const fields = (file: number): string[] => {
    const size = readSync(file, bytes, 0, bytes.length, 0);
    return bytes.toString("latin1", 0, size).split(/ +/, STOLEN_FIELD + 1);
  };
  return () => {
    const [ran, waited] = fields(thread);
    const stolen = fields(system)[STOLEN_FIELD];
    return {
      ranMs: Number(ran) / 1e6,
      waitedMs: Number(waited) / 1e6,
      stolenMs: Number(stolen) * TICK_MS,
    };
  };
}

const wanted = new URL(import.meta.url).searchParams.get(SOCKET_PARAMETER);
if (wanted !== null && isMainThread) probe(wanted);
