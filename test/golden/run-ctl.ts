// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import type { Program } from "../../src/cli/command.ts";
import { runProgram } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { ctlProgram } from "../../src/commands/ctl/index.ts";

/** What a run of a program left behind. Outputs are latin1 text: one character per byte. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A terminal in memory. */
export class MemoryTerminal implements Terminal {
  readonly #out: Uint8Array[] = [];
  readonly #error: Uint8Array[] = [];
  #stdin: Uint8Array | undefined;

  constructor(stdin = "") {
    this.#stdin = Buffer.from(stdin, "latin1");
  }

  out(data: string | Uint8Array): void {
    this.#out.push(Buffer.from(data));
  }

  error(data: string | Uint8Array): void {
    this.#error.push(Buffer.from(data));
  }

  read(): Uint8Array | undefined {
    const all = this.#stdin;
    this.#stdin = undefined;
    return all === undefined || all.length === 0 ? undefined : all;
  }

  async *input(): AsyncGenerator<Uint8Array> {
    for (let chunk = this.read(); chunk !== undefined; chunk = this.read()) yield chunk;
  }

  errorColumns(): number | undefined {
    return undefined;
  }

  outIsTerminal(): boolean {
    return false;
  }

  get stdout(): string {
    return Buffer.concat(this.#out).toString("latin1");
  }

  get stderr(): string {
    return Buffer.concat(this.#error).toString("latin1");
  }
}

/** Runs our client program in this process. */
export function runCtl(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return runOwn(ctlProgram, words, options);
}

/** Runs a program of ours in this process. */
export async function runOwn(
  program: Program,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const terminal = new MemoryTerminal(options.stdin);
  const environment = options.environment ?? {};
  const code = await runProgram(program, words, { environment, terminal });
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

const PROGRAM_MS_MAX = 20_000;

/** Runs another program with only the given variables set. */
export function runOther(
  program: readonly string[],
  words: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const [file = "", ...first] = program;
  const child = spawn(file, [...first, ...words], {
    env: { ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: PROGRAM_MS_MAX,
  });
  const collected = { stdout: "", stderr: "" };
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    collected.stdout += text;
  });
  child.stderr.setEncoding("latin1").on("data", (text: string) => {
    collected.stderr += text;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(Buffer.from(options.stdin ?? "", "latin1"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...collected }));
  });
}
