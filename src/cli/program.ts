// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "../base/go-quote.ts";
import type { CommandClass, Program } from "./command.ts";
import { allFlags, findCommand, firstWord, suggestions } from "./command-tree.ts";
import { CommandFailure, ExitCode } from "./exit-code.ts";
import { parseFlags } from "./flag-parser.ts";
import { helpText, usageText } from "./help.ts";
import type { Terminal } from "./terminal.ts";
import { UsageFailure } from "./usage-failure.ts";

/** The world around a run of a program. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
}

/**
 * Runs a command line and answers with the exit code: finds the command, takes its flags apart,
 * prints help or usage where that is asked for, otherwise loads and runs its action.
 */
export async function runProgram(
  program: Program,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { terminal } = surroundings;
  const [first = "", ...others] = words;
  if (first === "__complete" || first === "__completeNoDesc") {
    const { answerCompletion } = await import("./ctl/complete.ts");
    const described = first === "__complete";
    return answerCompletion(program, others, { terminal, described });
  }
  const { command, rest } = findCommand(program, words);
  const flags = allFlags(program, command);
  const stray = command === undefined ? firstWord(rest, flags) : undefined;
  if (stray !== undefined) return unknownCommand(program, rest[stray] ?? "", terminal);
  const parsed = parseFlags(rest, flags);
  if (!parsed.ok) {
    return misused(program, command, parsed.error, terminal);
  }
  const { values, positional, countAtDash } = parsed.words;
  if (values.bool("help") || command?.load === undefined) {
    terminal.out(helpText(program, command));
    return ExitCode.success;
  }
  return runAction(program, command, terminal, async () => {
    const action = await command.load?.();
    return action?.({ values, positional, countAtDash, words, program, ...surroundings }) ?? 0;
  });
}

async function runAction(
  program: Program,
  command: CommandClass,
  terminal: Terminal,
  action: () => Promise<number>,
): Promise<number> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CommandFailure)) {
      throw new Error(`${command.words.join(" ")} broke down`, { cause: error });
    }
    if (error instanceof UsageFailure) return misused(program, command, error.message, terminal);
    if (error.message !== "") terminal.error(`Error: ${error.message}\n`);
    return error.exitCode;
  }
}

function misused(
  program: Program,
  command: CommandClass | undefined,
  text: string,
  terminal: Terminal,
): number {
  const error = `Error: ${text}\n`;
  const again = program.repeatsErrors === true ? error : "";
  terminal.error(`${error}${usageText(program, command)}\n${again}`);
  return ExitCode.error;
}

function unknownCommand(program: Program, word: string, terminal: Terminal): number {
  const close = suggestions(program, word);
  const hint =
    close.length === 0
      ? ""
      : `\nDid you mean this?\n${close.map((name) => `\t${name}\n`).join("")}\n`;
  const text = `Error: unknown command ${goQuote(word)} for ${goQuote(program.name)}\n${hint}`;
  const again = program.repeatsErrors === true ? text : "";
  terminal.error(`${text}Run '${program.name} --help' for usage.\n${again}`);
  return ExitCode.error;
}
