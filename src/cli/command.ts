// SPDX-License-Identifier: Apache-2.0

import type { Flags, FlagValues } from "./flag.ts";
import type { Terminal } from "./terminal.ts";

/** One positional word, for help and manifest. */
export interface Argument {
  readonly name: string;
  readonly required?: boolean;
  readonly description: string;
}

/** What a command is run with. */
export interface Call {
  readonly values: FlagValues;
  readonly positional: readonly string[];
  /** How many positional words stood before `--`; undefined without it. */
  readonly countAtDash: number | undefined;
  /** Every word of the command line of this program, as it was typed. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  readonly program: Program;
}

/** Does the work of a command and answers with its exit code. */
export type Action = (call: Call) => Promise<number>;

/** A command class; the classes of `commands/` extend `CtlCommand` and are found by these fields. */
export interface CommandClass {
  /** The words that call it, such as `endpoint`, `health`. */
  readonly words: readonly string[];
  readonly summary: string;
  /** Longer text for the command's own help; the summary stands in for it. */
  readonly description?: string;
  /** What follows the program's name in the usage line. */
  readonly synopsis: string;
  /** Heading under which the program's help lists it. */
  readonly group?: string;
  readonly args: Readonly<Record<string, Argument>>;
  readonly flags: Flags;
  /** Words that a shell may offer in place of the first argument. */
  readonly choices?: readonly string[];
  /** Flags that its sub-commands have too. */
  readonly persistentFlags?: Flags;
  /** The work, loaded when it is wanted; a command without it only has sub-commands. */
  readonly load?: () => Promise<Action>;
}

/** A command line program: a name, commands in the order of their registration, global flags. */
export interface Program {
  readonly name: string;
  readonly summary: string;
  readonly groups: readonly string[];
  readonly commands: readonly CommandClass[];
  readonly globalFlags: Flags;
  /** Whether it was called by the name of a program of etcd, and shows nothing that that does not. */
  readonly isExact?: boolean;
  /** Whether errors in the command line are told a second time in the end, as etcdutl does. */
  readonly repeatsErrors?: boolean;
}
