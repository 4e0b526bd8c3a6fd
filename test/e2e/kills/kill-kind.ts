// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { join } from "node:path";
import type { ServerCommand } from "../../harness/server-command.ts";

const program = join(import.meta.dirname, "../../../bin/etcdx");

/** The real server. */
export const ownServer: ServerCommand = {
  name: "etcdx",
  words: [process.execPath, program, "server"],
};

/** Where a kill came: nothing was made yet, something was under way, or everything was in place. */
export type Moment = "before" | "between" | "after";

/** The real program, at work. */
export interface Working {
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves when the work is done and the process is gone; rejects when it fails. */
  finish(): Promise<void>;
}

/** A kind of work on files that is killed. */
export interface KillKind {
  readonly name: string;
  /** Puts the files as they are before the work. */
  reset(): void;
  /** Starts the program; resolves when its work begins. */
  begin(): Promise<Working>;
  /** What a kill has left. Throws when that is not what it has to be. */
  examine(): Promise<Moment>;
  /** Lets the next run finish; throws unless the outcome is that of a run never disturbed. */
  complete(): Promise<void>;
}

/** Starts the offline program; resolves when it has written its first line. */
export async function beginUtil(words: readonly string[]): Promise<Working> {
  const child = spawn(process.execPath, [program, "util", ...words], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const begun = Promise.withResolvers<void>();
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    begun.resolve();
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => begun.resolve());
  await begun.promise;
  return {
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    finish: async () => {
      const code = await ended;
      if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${log}`);
    },
  };
}
