// SPDX-License-Identifier: Apache-2.0

import type { CommandClass, Program } from "./command.ts";
import { inheritedFlags } from "./command-tree.ts";
import { type Flags, formatFlagValue } from "./flag.ts";

/** The parts of `oclif.manifest.json` that oclif's help reads. */
export interface Manifest {
  readonly version: string;
  readonly commands: Readonly<Record<string, ManifestCommand>>;
}

interface ManifestCommand {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly args: Readonly<Record<string, object>>;
  readonly flags: Readonly<Record<string, object>>;
  readonly strict: boolean;
  readonly pluginType: "core";
  readonly aliases: readonly string[];
}

/** Programs by the topic that their commands stand under. */
export type Topics = Readonly<Record<string, Program>>;

/** Describes the programs' commands for oclif. */
export function createManifest(topics: Topics, version: string): Manifest {
  const entries = Object.entries(topics).flatMap(([topic, program]) =>
    program.commands.map((command) => {
      const id = [topic, ...command.words].join(":");
      return [id, manifestCommand(program, command, id)] as const;
    }),
  );
  const server = serverCommand();
  return { version, commands: Object.fromEntries([...entries, [server.id, server]]) };
}

function manifestCommand(program: Program, command: CommandClass, id: string): ManifestCommand {
  const flags = {
    ...inheritedFlags(program, command),
    ...command.persistentFlags,
    ...command.flags,
  };
  return {
    id,
    summary: command.summary,
    description: command.description ?? command.summary,
    args: command.args,
    flags: manifestFlags(flags),
    strict: false,
    pluginType: "core",
    aliases: [],
  };
}

function manifestFlags(flags: Flags): Record<string, object> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      const { type, char, summary } = flag;
      const value = flag.kind === "bool" ? flag.value : formatFlagValue(flag, flag.value);
      return [
        name,
        { name, type, ...(char === undefined ? {} : { char }), summary, default: value },
      ];
    }),
  );
}

/** The server takes etcd's flags untouched, so its own help lists them. */
function serverCommand(): ManifestCommand {
  return {
    id: "server",
    summary: "Runs an etcd member; server --help lists its flags",
    description: "Takes etcd's flags, variables and configuration file.",
    args: {},
    flags: {},
    strict: false,
    pluginType: "core",
    aliases: [],
  };
}
