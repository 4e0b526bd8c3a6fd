// SPDX-License-Identifier: Apache-2.0

import type { Action, Argument } from "./command.ts";
import type { Flags } from "./flag.ts";

/** What every class in `commands/util` extends: the command as data, as with `CtlCommand`. */
// biome-ignore lint/complexity/noStaticOnlyClass: oclif wants classes and reads their statics.
export abstract class UtilCommand {
  static readonly words: readonly string[] = [];
  static readonly group: string = "";
  static readonly summary: string = "";
  static readonly description?: string;
  static readonly synopsis: string = "";
  static readonly args: Readonly<Record<string, Argument>> = {};
  static readonly flags: Flags = {};
  static readonly load?: () => Promise<Action>;
}

/** Headings of the program's help. */
export const UtilGroup = {
  files: "Commands for files",
  utility: "Utility commands",
} as const;
