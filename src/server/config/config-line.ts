// SPDX-License-Identifier: Apache-2.0

import type { LogFields, LogLevel } from "../../base/contracts/logger.ts";

/** A log line that loading the configuration asks for; the caller writes it. */
export interface ConfigLine {
  readonly level: LogLevel;
  readonly caller: string;
  readonly message: string;
  readonly fields: LogFields;
  /** Written before the configured log outputs are known: JSON on standard error. */
  readonly early: boolean;
}
