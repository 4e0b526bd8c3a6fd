// SPDX-License-Identifier: Apache-2.0

import type { Action, Argument } from "./command.ts";
import type { Flags } from "./flag.ts";

/**
 * What every class in `commands/ctl` extends: the command as data, in static fields. oclif takes
 * these classes for its own, since it only looks at the static fields too; but they load nothing
 * of it, for a call would pay more for that than for all the rest.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: oclif wants classes and reads their statics.
export abstract class CtlCommand {
  static readonly words: readonly string[] = [];
  static readonly summary: string = "";
  static readonly synopsis: string = "";
  static readonly args: Readonly<Record<string, Argument>> = {};
  static readonly flags: Flags = {};
  static readonly load?: () => Promise<Action>;
}

/** Headings of the program's help. */
export const CtlGroup = {
  keyValue: "Key-value commands",
  maintenance: "Cluster maintenance commands",
  concurrency: "Concurrency commands",
  authentication: "Authentication commands",
  utility: "Utility commands",
} as const;
