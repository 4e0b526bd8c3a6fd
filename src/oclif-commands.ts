// SPDX-License-Identifier: Apache-2.0

import manifest from "../oclif.manifest.json" with { type: "json" };
import { main } from "./main.ts";

/** A command as oclif's explicit discovery wants it. */
interface OclifCommand {
  readonly id: string;
  run(words: string[]): Promise<void>;
}

/**
 * The commands by their oclif ids. They only lead back to our own dispatcher, for spellings that
 * it leaves to oclif, such as `etcdx ctl:get`.
 */
export const COMMANDS: Readonly<Record<string, OclifCommand>> = Object.fromEntries(
  Object.keys(manifest.commands).map((id) => [
    id,
    {
      id,
      run: async (rest: string[]) => process.exit(await main("etcdx", [...id.split(":"), ...rest])),
    },
  ]),
);
