// SPDX-License-Identifier: Apache-2.0

import type { Call } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { flagLines } from "../help.ts";

export async function options({ terminal, program }: Call): Promise<number> {
  terminal.out(`Every command takes these flags:\n\n${flagLines(program.globalFlags)}`);
  return ExitCode.success;
}
