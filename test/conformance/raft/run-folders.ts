// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type Handler,
  parseScript,
  runScript,
  type ScriptResult,
} from "../../harness/datadriven.ts";
import { confChangeHandler } from "./conf-change.ts";
import { interactionHandler } from "./interaction.ts";
import { quorumHandler } from "./quorum.ts";

const QUORUM_COMMANDS: ReadonlySet<string> = new Set(["committed", "vote"]);
const CONF_CHANGE_COMMANDS: ReadonlySet<string> = new Set(["simple", "enter-joint", "leave-joint"]);

/** A handler with a state of its own. The three suites share no command: the first one tells. */
export function handlerFor(text: string): Handler {
  const first = parseScript(text)[0]?.command ?? "";
  if (QUORUM_COMMANDS.has(first)) return quorumHandler();
  return CONF_CHANGE_COMMANDS.has(first) ? confChangeHandler() : interactionHandler();
}

export function runFile(path: string): ScriptResult {
  const text = readFileSync(path, "utf8");
  return runScript(parseScript(text), handlerFor(text));
}

/** The scripts at or below a path, in the order of their names. */
export function findScripts(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".txt"))
    .sort()
    .map((name) => join(path, name));
}
