// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { type ByteText, encodeText } from "../base/byte-text.ts";
import { goQuote } from "../base/go-quote.ts";
import { errorCode, systemErrorText } from "../base/system-error.ts";

// What Go calls them.
const signalTexts: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGUSR1: "user defined signal 1",
  SIGSEGV: "segmentation fault",
  SIGUSR2: "user defined signal 2",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

/** What a user's command came to. */
export interface CommandEnd {
  /** What went wrong, in Go's words. */
  readonly problem: string | undefined;
  /** Its exit code; -1 after a signal, undefined when it was not started. */
  readonly exitCode: number | undefined;
}

/** Runs a user's command, output shared with ours and without input, and waits for its end. */
export async function runCommand(
  command: readonly ByteText[],
  env: NodeJS.ProcessEnv,
): Promise<CommandEnd> {
  const [name = "", ...words] = command.map((word) => Buffer.from(encodeText(word)).toString());
  const file = name.includes("/") ? name : programPath(name);
  if (file === undefined) return { problem: notFound(name), exitCode: undefined };
  try {
    // Some failures come as an event, others, as of words that are too long, are thrown.
    const child = spawn(file, words, {
      argv0: name,
      stdio: ["ignore", "inherit", "inherit"],
      env,
    });
    await once(child, "exit");
    return endOf(child);
  } catch (error) {
    return { problem: `fork/exec ${file}: ${startFailure(error)}`, exitCode: undefined };
  }
}

/** Where the program lies, by `PATH`; as Go does, nothing is found in the current directory. */
function programPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(":").filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notFound(name: string): string {
  if (name === "") return "exec: no command";
  return `exec: ${goQuote(name)}: executable file not found in $PATH`;
}

function endOf({ exitCode, signalCode }: ChildProcess): CommandEnd {
  if (signalCode !== null) {
    return { problem: `signal: ${signalTexts[signalCode] ?? signalCode}`, exitCode: -1 };
  }
  const failed = exitCode !== null && exitCode !== 0;
  return { problem: failed ? `exit status ${exitCode}` : undefined, exitCode: exitCode ?? 0 };
}

function startFailure(error: unknown): string {
  // So Node says of words with a zero byte.
  if (errorCode(error) === "ERR_INVALID_ARG_VALUE") return "invalid argument";
  return systemErrorText(error);
}
