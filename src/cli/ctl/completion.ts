// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "../../base/go-quote.ts";
import type { Call } from "../command.ts";
import { completionScripts } from "../completion-scripts.ts";
import { ExitCode } from "../exit-code.ts";
import { UsageFailure } from "../usage-failure.ts";

export async function completion({ positional, program, terminal }: Call): Promise<number> {
  const [shell = ""] = positional;
  const script = completionScripts.get(shell);
  if (positional.length === 1 && script !== undefined) {
    terminal.out(script(program.name));
    return ExitCode.success;
  }
  const problem =
    positional.length === 1
      ? `invalid argument ${goQuote(shell)} for ${goQuote(`${program.name} completion`)}`
      : `accepts 1 arg(s), received ${positional.length}`;
  throw new UsageFailure(problem);
}
