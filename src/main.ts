// SPDX-License-Identifier: Apache-2.0

import { runProgram } from "./cli/program.ts";
import { rawArguments } from "./cli/raw-arguments.ts";
import { processTerminal } from "./cli/terminal.ts";

/** The names under which the program can be called. */
export type ProgramName = "etcdx" | "etcd" | "etcdctl" | "etcdutl";

/**
 * Runs a command line and answers with the exit code. Each branch loads only its own code, since
 * start-up is most of what a short command costs.
 * @param words without the interpreter and the program's own path
 */
export async function main(name: ProgramName, words: readonly string[]): Promise<number> {
  switch (name) {
    case "etcd":
      return runServer("etcd", words);
    case "etcdctl":
      return runCtl(words);
    case "etcdutl":
      return runUtil(words, true);
    case "etcdx":
      return runTopic(words);
  }
}

async function runTopic(words: readonly string[]): Promise<number> {
  const [topic, ...rest] = words;
  switch (topic) {
    case "ctl":
      return runCtl(rest);
    case "server":
      return runServer("etcdx", rest);
    case "util":
      return runUtil(rest, false);
    default: {
      const { runOclif } = await import("./cli/oclif.ts");
      return runOclif(words);
    }
  }
}

async function runCtl(words: readonly string[]): Promise<number> {
  const { ctlProgram } = await import("./commands/ctl/index.ts");
  const surroundings = { environment: process.env, terminal: processTerminal() };
  return runProgram(ctlProgram, rawArguments(words), surroundings);
}

async function runServer(programName: string, words: readonly string[]): Promise<number> {
  const server = await import("./commands/server/run.ts");
  const { env: environment, stdout, stderr } = process;
  return server.runServer(words, { environment, stdout, stderr, programName });
}

async function runUtil(words: readonly string[], isExact: boolean): Promise<number> {
  const { utilProgram } = await import("./commands/util/index.ts");
  const surroundings = { environment: process.env, terminal: processTerminal() };
  return runProgram({ ...utilProgram, isExact }, rawArguments(words), surroundings);
}
