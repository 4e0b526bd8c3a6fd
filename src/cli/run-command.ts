// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { once } from "node:events";
import { type ByteText, encodeText } from "../base/byte-text.ts";
import { goQuote } from "../base/go-quote.ts";
import { errorCode } from "./terminal.ts";

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
  const [file = "", ...words] = command.map((word) => Buffer.from(encodeText(word)).toString());
  const child = spawn(file, words, { stdio: ["ignore", "inherit", "inherit"], env });
  try {
    await once(child, "exit");
  } catch (error) {
    return { problem: startFailure(file, error), exitCode: undefined };
  }
  const { exitCode, signalCode } = child;
  if (signalCode !== null) {
    return { problem: `signal: ${signalTexts[signalCode] ?? signalCode}`, exitCode: -1 };
  }
  const failed = exitCode !== null && exitCode !== 0;
  return { problem: failed ? `exit status ${exitCode}` : undefined, exitCode: exitCode ?? 0 };
}

function startFailure(file: string, error: unknown): string {
  if (!file.includes("/") && errorCode(error) === "ENOENT") {
    return `exec: ${goQuote(file)}: executable file not found in $PATH`;
  }
  const denied = errorCode(error) === "EACCES";
  const reason = denied ? "permission denied" : "no such file or directory";
  return `fork/exec ${file}: ${reason}`;
}
