// SPDX-License-Identifier: Apache-2.0
//
// Exclusion of a second process from a data directory, without native code.
//
// Node has neither flock nor fcntl. What it has, and what the kernel cleans up after a killed
// process, is a listening socket: each contender binds a Unix socket with a name of its own in the
// directory, then asks all other sockets there. One that accepts belongs to a live process; one
// that refuses was left by a dead one and is removed. A socket in the file system is seen from
// every network namespace, so containers that share a volume exclude each other too.
//
// Why two cannot win: everyone listens before looking, so of two contenders the later one sees
// the earlier. Both may see each other; then the smaller name waits for the other to give way. A
// name can be removed by mistake only between its bind and its listen, by a contender that is
// itself visible until it has decided; the owner finds its name missing and starts over.

import { randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { errorCode } from "../base/system-error.ts";

const NAME_PATTERN = /^lock\.[0-9a-f]{16}\.sock$/;
/** The kernel's limit for the path of a socket is 108 bytes with its terminating zero. */
const SOCKET_PATH_BYTES_MAX = 100;
/** Within such a directory every name of a socket fits, whatever the characters are. */
const SHORT_DIRECTORY_CHARS = 20;
/** How long a live holder may take to say who it is. */
const ANSWER_MS_MAX = 500;
const ANSWER_BYTES_MAX = 4096;
/** Looks at contenders that are deciding at the same moment, and the pause between them. */
const CONTEST_ROUNDS_MAX = 40;
const CONTEST_PAUSE_MS = 50;
const RESTARTS_MAX = 5;
/** The file system has no sockets: some network and shared file systems. */
const UNSUPPORTED = new Set(["ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** Another live process has the directory. */
export class LockHeldError extends Error {
  readonly directory: string;
  readonly holder: string;

  constructor(directory: string, holder: string) {
    super(
      `data directory ${directory} is in use by ${holder}; ` +
        "stop that process, or start this one with another --data-dir",
    );
    this.name = "LockHeldError";
    this.directory = directory;
    this.holder = holder;
  }
}

interface Answer {
  readonly state: "starting" | "held";
  readonly holder: string;
}

function parseAnswer(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null && "holder" in answer && "state" in answer) {
      const state = answer.state === "starting" ? "starting" : "held";
      return { state, holder: String(answer.holder) };
    }
  } catch {
    // Whatever it said, it is alive: that is all that counts.
  }
  return { state: "held", holder: "a process that does not say who it is" };
}

/** Asks the socket at `path` who listens; undefined when nobody does. */
function probe(path: string): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const socket = net.connect({ path });
    const settle = (answer: Answer | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => settle(parseAnswer(text)), ANSWER_MS_MAX);
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > ANSWER_BYTES_MAX) settle(parseAnswer(""));
    });
    socket.on("end", () => settle(parseAnswer(text)));
    socket.on("error", (error) => {
      const code = errorCode(error);
      const isDead = code === "ECONNREFUSED" || code === "ENOENT";
      settle(isDead ? undefined : parseAnswer(text));
    });
  });
}

/** Holds a directory until `release` or the end of the process, however it comes. */
export class FileLock {
  readonly directory: string;
  /** Why the directory could not be locked on this file system; to be logged. */
  readonly warning: string | undefined;
  readonly #close: () => Promise<void>;

  private constructor(directory: string, close: () => Promise<void>, warning?: string) {
    this.directory = directory;
    this.warning = warning;
    this.#close = close;
  }

  /**
   * Takes the directory, which must exist. Throws a `LockHeldError` that names who has it. On a
   * file system without sockets the lock comes with a `warning` and excludes nobody.
   */
  static async acquire(directory: string): Promise<FileLock> {
    for (let start = 0; start < RESTARTS_MAX; start++) {
      const contender = new Contender(directory);
      try {
        await contender.listen();
      } catch (error) {
        await contender.close();
        if (!UNSUPPORTED.has(errorCode(error) ?? "")) throw error;
        const reason = `its file system has no sockets (${errorCode(error)})`;
        const warning = `no lock on ${directory}: ${reason}`;
        return new FileLock(directory, async () => {}, warning);
      }
      try {
        await contender.contest();
        if (contender.isVisible()) {
          contender.state = "held";
          return new FileLock(directory, () => contender.close());
        }
      } catch (error) {
        await contender.close();
        throw error;
      }
      await contender.close();
    }
    throw new LockHeldError(directory, "several processes that start at the same moment");
  }

  release(): Promise<void> {
    return this.#close();
  }
}

/**
 * Who has the directory, or is about to, as far as a look can tell that changes nothing there;
 * undefined for nobody, and for a directory that is not there.
 */
export async function findLockHolder(directory: string): Promise<string | undefined> {
  if (!fs.existsSync(directory)) return undefined;
  const names = fs.readdirSync(directory).filter((name) => NAME_PATTERN.test(name));
  const isLong = process.platform === "linux" && directory.length > SHORT_DIRECTORY_CHARS;
  const descriptor = isLong ? fs.openSync(directory, "r") : undefined;
  const base = descriptor === undefined ? directory : `/proc/self/fd/${descriptor}`;
  try {
    for (const name of names) {
      const answer = await probe(`${base}/${name}`);
      if (answer !== undefined) return answer.holder;
    }
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

class Contender {
  state: Answer["state"] = "starting";
  readonly #directory: string;
  readonly #name = `lock.${randomBytes(8).toString("hex")}.sock`;
  readonly #server = net.createServer((socket) => {
    // A contender that hangs up early is no concern of the holder.
    socket.on("error", () => socket.destroy());
    socket.end(JSON.stringify({ state: this.state, holder: `process ${process.pid}` }));
  });
  #descriptor: number | undefined;
  #inode = 0n;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async listen(): Promise<void> {
    const path = this.#socketPath(this.#name);
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ path }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    this.#server.unref();
    this.#inode = fs.statSync(this.#path(this.#name), { bigint: true }).ino;
  }

  /** Returns when nobody else has the directory or wants it more. */
  async contest(): Promise<void> {
    for (let round = 0; round < CONTEST_ROUNDS_MAX; round++) {
      const rivals = await this.#rivals();
      if (rivals.length === 0) return;
      for (const { name, answer } of rivals) {
        if (answer.state === "held") throw new LockHeldError(this.#directory, answer.holder);
        if (name < this.#name) {
          throw new LockHeldError(this.#directory, `${answer.holder}, which is starting`);
        }
      }
      await pause(CONTEST_PAUSE_MS);
    }
    throw new LockHeldError(this.#directory, "a process that starts and does not go on");
  }

  /** The live sockets of others. Those of dead processes are removed on the way. */
  async #rivals(): Promise<{ name: string; answer: Answer }[]> {
    const rivals: { name: string; answer: Answer }[] = [];
    for (const name of fs.readdirSync(this.#directory)) {
      if (!NAME_PATTERN.test(name) || name === this.#name) continue;
      const answer = await probe(this.#socketPath(name));
      if (answer === undefined) fs.rmSync(this.#path(name), { force: true });
      else rivals.push({ name, answer });
    }
    return rivals;
  }

  /** Whether others can still find this contender's socket. */
  isVisible(): boolean {
    const found = fs.statSync(this.#path(this.#name), { bigint: true, throwIfNoEntry: false });
    return found?.ino === this.#inode;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    fs.rmSync(this.#path(this.#name), { force: true });
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #path(name: string): string {
    return `${this.#directory}/${name}`;
  }

  /** A path for the socket that fits: a long one goes through an open handle of the directory. */
  #socketPath(name: string): string {
    const path = this.#path(name);
    if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX || process.platform !== "linux")
      return path;
    this.#descriptor ??= fs.openSync(this.#directory, "r");
    return `/proc/self/fd/${this.#descriptor}/${name}`;
  }
}
