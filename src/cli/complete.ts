// SPDX-License-Identifier: Apache-2.0

import type { CommandClass, Program } from "./command.ts";
import {
  allFlags,
  findCommand,
  firstWord,
  hidesGlobalFlags,
  inheritedFlags,
  shownGlobalFlags,
  subcommands,
} from "./command-tree.ts";
import type { Flag, Flags } from "./flag.ts";
import { parseFlags } from "./flag-parser.ts";

/** What a shell is told besides the candidates: whether file names may stand here too. */
export const CompletionDirective = { files: 0, noFiles: 4 } as const;
export type CompletionDirective = (typeof CompletionDirective)[keyof typeof CompletionDirective];

export interface Candidate {
  readonly text: string;
  readonly description?: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: CompletionDirective;
  /** Why there can be none. */
  readonly problem?: string;
}

/**
 * What may stand for the last word of a command line, which may be unfinished or empty, by the
 * rules of cobra: flags that were given are not offered again, global flags not where a command lists them, and
 * sub-commands only while nothing else was given.
 */
export function complete(program: Program, words: readonly string[]): Completion {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? "";
  const { command, rest } = findCommand(program, before);
  const flags = allFlags(program, command);
  if (command === undefined && firstWord(rest, flags) !== undefined) {
    return failed(`unable to find a command for arguments: [${before.join(" ")}]`);
  }
  const awaited = awaitedFlag(rest, last, flags);
  const parsed = parseFlags(awaited?.rest ?? rest, flags);
  if (!parsed.ok) {
    return failed(`Error while parsing flags from args [${rest.join(" ")}]: ${parsed.error}`);
  }
  const { values, positional, countAtDash } = parsed.words;
  if (values.bool("help")) return { candidates: [], directive: CompletionDirective.noFiles };
  if (awaited !== undefined) return valuesOf(awaited.flag);
  const isGiven = (name: string): boolean => values.changed(name);
  if (last.startsWith("-") && !last.includes("=") && countAtDash === undefined) {
    return flagNames(program, command, last, isGiven);
  }
  const own = Object.keys(command?.flags ?? {}).some(isGiven);
  return wordsAfter(program, command, { positional, last, ownFlagGiven: own });
}

function failed(problem: string): Completion {
  return { candidates: [], directive: CompletionDirective.files, problem };
}

function valuesOf({ choices = [] }: Flag): Completion {
  const candidates = choices.map((text) => ({ text }));
  return { candidates, directive: CompletionDirective.files };
}

interface AwaitedFlag {
  readonly flag: Flag;
  /** The words before, without a flag whose value is what is being typed. */
  readonly rest: readonly string[];
}

/** The flag whose value the last word is, or becomes. */
function awaitedFlag(rest: readonly string[], last: string, flags: Flags): AwaitedFlag | undefined {
  if (rest.includes("--")) return undefined;
  if (last.startsWith("-")) {
    const flag = last.includes("=") ? flagOf(last.slice(0, last.indexOf("=")), flags) : undefined;
    return flag === undefined ? undefined : { flag, rest };
  }
  const previous = rest.at(-1) ?? "";
  if (!previous.startsWith("-") || previous.includes("=")) return undefined;
  const flag = flagOf(previous, flags);
  if (flag === undefined || flag.kind === "bool") return undefined;
  return { flag, rest: rest.slice(0, -1) };
}

function flagOf(word: string, flags: Flags): Flag | undefined {
  if (word.startsWith("--")) return flags[word.slice(2)];
  return Object.values(flags).find(({ char }) => char === word.slice(-1));
}

function flagNames(
  program: Program,
  command: CommandClass | undefined,
  typed: string,
  isGiven: (name: string) => boolean,
): Completion {
  const shared = shownGlobalFlags(program);
  const inherited = command === undefined ? {} : { ...shared, ...inheritedFlags(program, command) };
  const flagsOfOwn = command === undefined ? shared : command.flags;
  const own = { ...command?.persistentFlags, ...flagsOfOwn, ...helpOf(program, command) };
  const candidates = [inherited, own].flatMap((flags) =>
    Object.entries(flags)
      .filter(([name]) => !isGiven(name))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([name, flag]) => spellings(name, flag))
      .filter(({ text }) => text.startsWith(typed)),
  );
  return { candidates, directive: CompletionDirective.noFiles };
}

/** Where global flags are not offered, the program itself has none to offer. */
function helpOf(program: Program, command: CommandClass | undefined): Flags {
  if (command === undefined && hidesGlobalFlags(program)) return {};
  const { help } = allFlags(program, command);
  return help === undefined ? {} : { help };
}

function spellings(name: string, { char, summary }: Flag): Candidate[] {
  const long = { text: `--${name}`, description: summary };
  return char === undefined ? [long] : [long, { text: `-${char}`, description: summary }];
}

interface Place {
  readonly positional: readonly string[];
  readonly last: string;
  readonly ownFlagGiven: boolean;
}

function wordsAfter(
  program: Program,
  command: CommandClass | undefined,
  { positional, last, ownFlagGiven }: Place,
): Completion {
  if (command?.words[0] === "help") return helpTopics(program, positional, last);
  const below = subcommands(program, command?.words ?? []);
  const names = positional.length === 0 && !ownFlagGiven ? commandNames(below, last) : [];
  const choices = positional.length === 0 ? (command?.choices ?? []) : [];
  const offered = choices.filter((text) => text.startsWith(last)).map((text) => ({ text }));
  const closed =
    positional.length === 0 && ((below.length > 0 && !ownFlagGiven) || choices.length > 0);
  const directive = closed ? CompletionDirective.noFiles : CompletionDirective.files;
  return { candidates: [...names, ...offered], directive };
}

function helpTopics(program: Program, positional: readonly string[], last: string): Completion {
  const { command, rest } = findCommand(program, positional);
  const known = command !== undefined || rest.length === 0;
  const below = known ? subcommands(program, command?.words ?? []) : [];
  return { candidates: commandNames(below, last), directive: CompletionDirective.noFiles };
}

function commandNames(commands: readonly CommandClass[], typed: string): Candidate[] {
  return commands
    .map(({ words, summary }) => ({ text: words.at(-1) ?? "", description: summary }))
    .filter(({ text }) => text.startsWith(typed))
    .sort((left, right) => (left.text < right.text ? -1 : 1));
}
