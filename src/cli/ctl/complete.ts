// SPDX-License-Identifier: Apache-2.0

import type { Program } from "../command.ts";
import { CompletionDirective, complete } from "../complete.ts";
import { ExitCode } from "../exit-code.ts";
import type { Terminal } from "../terminal.ts";

const directiveNames: Readonly<Record<CompletionDirective, string>> = {
  [CompletionDirective.files]: "ShellCompDirectiveDefault",
  [CompletionDirective.noFiles]: "ShellCompDirectiveNoFileComp",
};

/**
 * Answers a shell's question in cobra's form: one candidate per line, a tab and what it is
 * for behind it, then a colon and a number that says what else may stand there.
 */
export function answerCompletion(
  program: Program,
  words: readonly string[],
  { terminal, described }: { readonly terminal: Terminal; readonly described: boolean },
): number {
  if (words.length === 0) {
    terminal.error("Error: requires at least 1 arg(s), only received 0\n");
    return ExitCode.error;
  }
  const { candidates, directive, problem } = complete(program, words);
  if (problem !== undefined) terminal.error(`[Debug] [Error] ${problem}\n`);
  for (const { text, description } of candidates) {
    const note = described && description !== undefined ? `\t${description}` : "";
    terminal.out(`${text}${note}\n`);
  }
  terminal.out(`:${directive}\n`);
  terminal.error(`Completion ended with directive: ${directiveNames[directive]}\n`);
  return ExitCode.success;
}
