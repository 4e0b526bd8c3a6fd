// SPDX-License-Identifier: Apache-2.0

import type { CommandClass, Program } from "./command.ts";
import { boolFlag, type Flag, type Flags } from "./flag.ts";

/** Where a command line leads: the command, or none for the program itself. */
export interface Target {
  readonly command: CommandClass | undefined;
  /** The command line without the words that named the command. */
  readonly rest: readonly string[];
}

/** Direct sub-commands of the command with these words, in the order of registration. */
export function subcommands(program: Program, words: readonly string[]): CommandClass[] {
  return program.commands.filter(
    (command) =>
      command.words.length === words.length + 1 &&
      words.every((word, index) => command.words[index] === word),
  );
}

/** Flags that a command takes: its own, those of its parents, the global ones, and help. */
export function allFlags(program: Program, command: CommandClass | undefined): Flags {
  const name = command?.words.at(-1) ?? program.name;
  return {
    ...program.globalFlags,
    ...inheritedFlags(program, command),
    ...command?.persistentFlags,
    ...command?.flags,
    help: helpFlag(name),
  };
}

/** Whether a command `options` lists the global flags, so that nothing else does. */
export function hidesGlobalFlags(program: Program): boolean {
  return program.commands.some(({ words }) => words.join(" ") === "options");
}

/** The global flags that help and completion show with every command. */
export function shownGlobalFlags(program: Program): Flags {
  return hidesGlobalFlags(program) ? {} : program.globalFlags;
}

export function helpFlag(name: string): Flag {
  return boolFlag(`help for ${name}`, { char: "h" });
}

/** The flags that the parents of a command hand down. */
export function inheritedFlags(program: Program, command: CommandClass | undefined): Flags {
  let flags: Flags = {};
  for (const parent of program.commands) {
    if (parent === command || parent.persistentFlags === undefined) continue;
    if (parent.words.every((word, index) => command?.words[index] === word)) {
      flags = { ...flags, ...parent.persistentFlags };
    }
  }
  return flags;
}

/**
 * Finds the command as cobra does: the first word that is neither a flag nor a flag's value names
 * it, and so on downwards. An unambiguous beginning of a name will do.
 */
export function findCommand(program: Program, words: readonly string[]): Target {
  let command: CommandClass | undefined;
  let rest = words;
  for (;;) {
    const flags = allFlags(program, command);
    const index = firstWord(rest, flags);
    const word = index === undefined ? undefined : rest[index];
    if (word === undefined) return { command, rest };
    const next = matchName(subcommands(program, command?.words ?? []), word);
    if (next === undefined) return { command, rest };
    command = next;
    rest = rest.filter((_, position) => position !== index);
  }
}

function matchName(commands: readonly CommandClass[], word: string): CommandClass | undefined {
  const exact = commands.find((command) => command.words.at(-1) === word);
  if (exact !== undefined) return exact;
  const begins = commands.filter((command) => command.words.at(-1)?.startsWith(word) === true);
  return begins.length === 1 ? begins[0] : undefined;
}

/** Index of the first word that is neither a flag, nor a flag's value, nor empty. */
export function firstWord(words: readonly string[], flags: Flags): number | undefined {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") return undefined;
    if (!word.startsWith("-")) {
      if (word !== "") return index;
    } else if (takesNextWord(word, flags)) index++;
  }
  return undefined;
}

function takesNextWord(word: string, flags: Flags): boolean {
  if (word.includes("=")) return false;
  if (word.startsWith("--")) return flags[word.slice(2)]?.kind !== "bool";
  if (word.length !== 2) return false;
  const flag = Object.values(flags).find((candidate) => candidate.char === word.slice(1));
  return flag?.kind !== "bool";
}

const SUGGESTION_DISTANCE_MAX = 2;

/** Names close to a word that names no command. */
export function suggestions(program: Program, word: string): string[] {
  const typed = word.toLowerCase();
  return subcommands(program, [])
    .map((command) => command.words.at(-1) ?? "")
    .filter(
      (name) =>
        editDistance(typed, name.toLowerCase()) <= SUGGESTION_DISTANCE_MAX ||
        name.toLowerCase().startsWith(typed),
    );
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 0; i < left.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < right.length; j++) {
      const replace = (row[j] ?? 0) + (left[i] === right[j] ? 0 : 1);
      next.push(Math.min(replace, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
