// SPDX-License-Identifier: Apache-2.0

import type { Call } from "../command.ts";
import { findCommand } from "../command-tree.ts";
import { ExitCode } from "../exit-code.ts";
import { helpText, usageText } from "../help.ts";

export async function help({ positional, program, terminal }: Call): Promise<number> {
  const { command, rest } = findCommand(program, positional);
  if (command === undefined && rest.length > 0) {
    const words = positional.map((word) => `\`${word}\``).join(" ");
    terminal.error(`Unknown help topic [${words}]\n${usageText(program, undefined)}\n`);
    return ExitCode.success;
  }
  terminal.out(helpText(program, command));
  return ExitCode.success;
}
