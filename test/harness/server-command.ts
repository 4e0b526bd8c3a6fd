// SPDX-License-Identifier: Apache-2.0

import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A server under test: the words that start it, before any flag. */
export interface ServerCommand {
  readonly name: string;
  readonly words: readonly string[];
}

const root = join(import.meta.dirname, "../..");

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findInPath(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/** Our own server from this checkout, or undefined while it is not there. */
export function etcdxCommand(): ServerCommand | undefined {
  const program = join(root, "bin/etcdx");
  if (!existsSync(program) || !existsSync(join(root, "src/server/embed/index.ts")))
    return undefined;
  return { name: "etcdx", words: [process.execPath, program, "server"] };
}

/** Genuine etcd 3.7.1, when `npm run interop:build` has built it. */
export function genuineCommand(): ServerCommand | undefined {
  const program = join(root, "test/interop/bin/etcd");
  return isExecutable(program) ? { name: "etcd 3.7.1", words: [program] } : undefined;
}

/** Genuine etcd 3.5 and 3.6, as far as `npm run interop:build -- --older` has built them. */
export function olderCommands(): readonly ServerCommand[] {
  return ["3.5", "3.6"].flatMap((version) => {
    const program = join(root, `test/interop/bin/etcd-${version}`);
    return isExecutable(program) ? [{ name: `etcd ${version}`, words: [program] }] : [];
  });
}

/** The distribution's own etcd (3.4 on Debian 12), when it is installed. */
export function distributionCommand(): ServerCommand | undefined {
  const program = findInPath("etcd");
  return program === undefined ? undefined : { name: "etcd (distribution)", words: [program] };
}

/**
 * Resolves `etcdx`, `etcd`, `distribution` or a command line of its own. Undefined when a named
 * server is not on this machine.
 */
export function resolveServer(text: string): ServerCommand | undefined {
  if (text === "etcdx") return etcdxCommand();
  if (text === "etcd") return genuineCommand();
  if (text === "distribution") return distributionCommand();
  const words = text.split(" ").filter((word) => word !== "");
  return { name: words[0] ?? text, words };
}

/** Our server, or while it is missing any etcd at all, for tests of the harness itself. */
export function anyServer(): ServerCommand | undefined {
  return etcdxCommand() ?? genuineCommand() ?? distributionCommand();
}
