// SPDX-License-Identifier: Apache-2.0

import type { CommandClass, Program } from "./command.ts";
import {
  helpFlag,
  hidesGlobalFlags,
  inheritedFlags,
  shownGlobalFlags,
  subcommands,
} from "./command-tree.ts";
import { defaultNote, type Flags, valueWord } from "./flag.ts";

// Names shorter than this are padded to it, as cobra does.
const NAME_COLUMN_MIN = 11;

/** The help of a command, or of the program: its description, then how to use it. */
export function helpText(program: Program, command: CommandClass | undefined): string {
  const description = command?.description ?? command?.summary ?? program.summary;
  const footer = hidesGlobalFlags(program)
    ? `Run "${program.name} options" to see the flags that every command takes.\n`
    : "";
  return `${description.trimEnd()}\n\n${usageText(program, command)}${footer}`;
}

/** Usage lines, sub-commands and flags. */
export function usageText(program: Program, command: CommandClass | undefined): string {
  const below = subcommands(program, command?.words ?? []);
  const synopsis =
    below.length > 0 ? commandPath(program, command) : fullSynopsis(program, command);
  const suffix = below.length > 0 ? "[command]" : "[flags]";
  const sections = [`Usage:\n  ${synopsis} ${suffix}\n`];
  if (command === undefined) sections.push(...groupSections(program, below));
  else if (below.length > 0) sections.push(`Available Commands:\n${commandLines(below)}`);
  if (command !== undefined) sections.push(...flagSections(program, command));
  else if (!hidesGlobalFlags(program)) {
    sections.push(`Flags:\n${flagLines(program.globalFlags)}`);
  }
  if (below.length > 0) {
    const path = commandPath(program, command);
    sections.push(`Run "${path} [command] --help" to learn more about a command.\n`);
  }
  return sections.join("\n");
}

function commandPath(program: Program, command: CommandClass | undefined): string {
  return [program.name, ...(command?.words ?? [])].join(" ");
}

function fullSynopsis(program: Program, command: CommandClass | undefined): string {
  if (command === undefined) return program.name;
  return [program.name, ...command.words.slice(0, -1), command.synopsis].join(" ").trimStart();
}

function groupSections(program: Program, commands: readonly CommandClass[]): string[] {
  return program.groups.flatMap((group) => {
    const members = commands.filter((command) => command.group === group);
    return members.length === 0 ? [] : [`${group}\n${commandLines(members)}`];
  });
}

function commandLines(commands: readonly CommandClass[]): string {
  const rows = commands.map((command) => [command.words.at(-1) ?? "", command.summary] as const);
  rows.sort(([left], [right]) => (left < right ? -1 : 1));
  const width = Math.max(NAME_COLUMN_MIN, ...rows.map(([name]) => name.length));
  return rows.map(([name, summary]) => `  ${name.padEnd(width)} ${summary}\n`).join("");
}

function flagSections(program: Program, command: CommandClass): string[] {
  const name = command.words.at(-1) ?? "";
  const own = { ...command.persistentFlags, ...command.flags, help: helpFlag(name) };
  const global = shownGlobalFlags(program);
  const inherited = { ...global, ...inheritedFlags(program, command) };
  const sections = [`Flags:\n${flagLines(own)}`];
  if (Object.keys(inherited).length > 0) sections.push(`Global Flags:\n${flagLines(inherited)}`);
  return sections;
}

/** One aligned line per flag, sorted by name. */
export function flagLines(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const short = flag.char === undefined ? "    " : `-${flag.char}, `;
    const word = valueWord(flag);
    const left = `  ${short}--${name}${word === "" ? "" : ` ${word}`}`;
    return { name, left, right: `${flag.summary}${defaultNote(flag)}` };
  });
  rows.sort((one, other) => (one.name < other.name ? -1 : 1));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, right }) => `${left.padEnd(width)}   ${right}\n`).join("");
}
