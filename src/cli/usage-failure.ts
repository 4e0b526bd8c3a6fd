// SPDX-License-Identifier: Apache-2.0

import { CommandFailure, ExitCode } from "./exit-code.ts";

/** A command line that the command cannot take: its usage is printed behind the text. */
export class UsageFailure extends CommandFailure {
  constructor(message: string) {
    super(ExitCode.error, message);
  }
}
