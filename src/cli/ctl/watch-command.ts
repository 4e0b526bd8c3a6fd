// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Event } from "../../api/gen/mvccpb.ts";
import { type ByteText, encodeText } from "../../base/byte-text.ts";
import { goQuote, goQuoteBytes } from "../../base/go-quote.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { errorCode, type Terminal } from "../terminal.ts";

/**
 * Runs the user's command for one event, output shared with ours, and waits for its end.
 * @throws {CommandFailure} when it cannot be started or fails, which has been printed by then
 */
export async function runForEvent(
  command: readonly ByteText[],
  revision: number,
  event: Event,
  terminal: Terminal,
): Promise<void> {
  const [file = "", ...words] = command.map((word) => Buffer.from(encodeText(word)).toString());
  const empty = new Uint8Array(0);
  const problem = await runProgram(file, words, {
    ...process.env,
    ETCD_WATCH_REVISION: String(revision),
    ETCD_WATCH_EVENT_TYPE: goQuote(event.type === 1 ? "DELETE" : "PUT"),
    ETCD_WATCH_KEY: goQuoteBytes(event.kv?.key ?? empty),
    ETCD_WATCH_VALUE: goQuoteBytes(event.kv?.value ?? empty),
  });
  if (problem === undefined) return;
  terminal.error(`command [${command.map(goQuote).join(" ")}] error (${problem})\n`);
  throw new CommandFailure(ExitCode.error, "");
}

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

/** Answers with what went wrong, in Go's words. */
async function runProgram(
  file: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const child = spawn(file, words, { stdio: ["ignore", "inherit", "inherit"], env });
  try {
    await once(child, "exit");
  } catch (error) {
    return startFailure(file, error);
  }
  const { exitCode, signalCode } = child;
  if (signalCode !== null) return `signal: ${signalTexts[signalCode] ?? signalCode}`;
  return exitCode === 0 ? undefined : `exit status ${exitCode}`;
}

function startFailure(file: string, error: unknown): string {
  if (!file.includes("/") && errorCode(error) === "ENOENT") {
    return `exec: ${goQuote(file)}: executable file not found in $PATH`;
  }
  const denied = errorCode(error) === "EACCES";
  const reason = denied ? "permission denied" : "no such file or directory";
  return `fork/exec ${file}: ${reason}`;
}
