// SPDX-License-Identifier: Apache-2.0

import type { ByteText } from "../base/byte-text.ts";
import { goQuote } from "../base/go-quote.ts";
import { CommandFailure, ExitCode } from "./exit-code.ts";

/** What to watch, and the command to run for every event, if any. */
export interface WatchWords {
  readonly key: ByteText;
  readonly rangeEnd: ByteText | undefined;
  readonly command: readonly ByteText[];
}

/** A range that variables give in place of words. */
export interface EnvironmentRange {
  readonly key: ByteText;
  readonly rangeEnd: ByteText;
}

export const WATCH_WITHOUT_KEY = "bad number of arguments";
export const WATCH_WITHOUT_COMMAND =
  "bad number of arguments (found separator --, but no commands)";

function badArguments(message: string): CommandFailure {
  return new CommandFailure(ExitCode.badArguments, message);
}

/** @throws {CommandFailure} for an end without a key */
export function environmentRange(key = "", rangeEnd = ""): EnvironmentRange {
  if (key === "" && rangeEnd !== "") {
    const quoted = goQuote(rangeEnd);
    throw badArguments(`ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=${quoted}`);
  }
  return { key, rangeEnd };
}

/**
 * Sorts the words of a watch: key and range end in front of `--`, a command behind it. The key
 * may come from the environment, then no word may give one.
 * @throws {CommandFailure} for arguments that do not fit together
 */
export function watchWords(
  positional: readonly ByteText[],
  countAtDash: number | undefined,
  environment: EnvironmentRange,
): WatchWords {
  const words = positional.slice(0, countAtDash);
  const command = countAtDash === undefined ? [] : positional.slice(countAtDash);
  const known = environment.key !== "";
  if (words.length === 0 && !known) throw badArguments(WATCH_WITHOUT_KEY);
  if (countAtDash !== undefined && command.length === 0) {
    throw badArguments(WATCH_WITHOUT_COMMAND);
  }
  if (words.length > 0 && known) {
    throw badArguments("bad number of arguments (found conflicting environment key)");
  }
  if (known) {
    const rangeEnd = environment.rangeEnd === "" ? undefined : environment.rangeEnd;
    return { key: environment.key, rangeEnd, command };
  }
  return { ...firstRange(words), command };
}

/** With more than two words etcdctl takes the first alone. */
function firstRange(words: readonly ByteText[]): Omit<WatchWords, "command"> {
  const [key = "", second] = words;
  return { key, rangeEnd: words.length === 2 ? second : undefined };
}

/**
 * The same for a line of an interactive watch. Here a range of the environment goes in front of
 * the words of a line that has a command, and a line can turn out to have no key at all.
 * @returns undefined without a key
 * @throws {CommandFailure} for arguments that do not fit together
 */
export function interactiveWatchWords(
  positional: readonly ByteText[],
  countAtDash: number | undefined,
  { key, rangeEnd }: EnvironmentRange,
): WatchWords | undefined {
  const known = key === "" ? [] : [key, ...(rangeEnd === "" ? [] : [rangeEnd])];
  const command = countAtDash === undefined ? [] : positional.slice(countAtDash);
  const words = [...known, ...positional.slice(0, countAtDash)];
  if (countAtDash === undefined) {
    if (words.length === 0) throw badArguments(WATCH_WITHOUT_KEY);
    if (known.length > 0 && positional.length > 0) {
      throw badArguments("bad number of arguments (found conflicting environment key)");
    }
  }
  return words.length === 0 ? undefined : { ...firstRange(words), command };
}
