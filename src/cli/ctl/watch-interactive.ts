// SPDX-License-Identifier: Apache-2.0

import { type ByteText, encodeText } from "../../base/byte-text.ts";
import { type Client, WatchSession } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { helpFlag } from "../command-tree.ts";
import { type Session, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { FlagValues } from "../flag.ts";
import { parseFlags } from "../flag-parser.ts";
import { inputLines } from "../line-reader.ts";
import type { Terminal } from "../terminal.ts";
import {
  type EnvironmentRange,
  interactiveWatchWords,
  WATCH_WITHOUT_COMMAND,
  WATCH_WITHOUT_KEY,
  type WatchWords,
} from "../watch-words.ts";
import { splitWords } from "../words.ts";
import { WatchOutput } from "./watch-output.ts";
import { WANTS_LEADER, watchRequest } from "./watch-request.ts";

/**
 * Reads lines from the standard input, `watch ...` and `progress`, and runs all the watches at
 * once on one stream, until the input ends.
 * @throws {CommandFailure} always: the end of the input is one
 */
export async function watchInteractively(
  call: Call,
  session: Session,
  range: EnvironmentRange,
): Promise<number> {
  return withClient(session.options, async (client) => {
    const watches = new InteractiveWatches(call, session, range, client);
    await Promise.race([watches.failed, watches.readLines()]);
    const text = "error reading watch request line: EOF";
    throw new CommandFailure(ExitCode.invalidInput, text);
  });
}

class InteractiveWatches {
  /** Rejects when the output of a watch ends the program. */
  readonly failed: Promise<never>;
  readonly #call: Call;
  readonly #terminal: Terminal;
  readonly #session: Session;
  readonly #range: EnvironmentRange;
  readonly #watches: WatchSession;
  readonly #fail: (reason: unknown) => void;

  constructor(call: Call, session: Session, range: EnvironmentRange, client: Client) {
    this.#call = call;
    this.#terminal = call.terminal;
    this.#session = session;
    this.#range = range;
    this.#watches = new WatchSession(client, WANTS_LEADER);
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.#fail = reject;
  }

  async readLines(): Promise<void> {
    for await (const line of inputLines(this.#terminal)) {
      const words = splitWords(line);
      if (words === undefined) throw new CommandFailure(ExitCode.invalidInput, "invalid syntax");
      const [verb, ...rest] = words;
      if (verb === undefined) {
        this.#complain(`Invalid command: ${line} (watch and progress supported)`);
      } else if (verb === "watch") {
        await this.#watch(line, rest);
      } else if (verb === "progress") {
        await this.#watches.requestProgress();
      } else {
        this.#complain(`Invalid command ${line} (only support watch)`);
      }
    }
  }

  #complain(text: ByteText): void {
    this.#terminal.error(encodeText(`${text}\n`));
  }

  async #watch(line: ByteText, rest: readonly ByteText[]): Promise<void> {
    if (rest.length === 0 && this.#range.key === "") {
      this.#complain(`Invalid command ${line} (command type or key is not provided)`);
      return;
    }
    const { values, words } = this.#parse(rest);
    if (words === undefined) {
      this.#complain(`Invalid command ${line} (${WATCH_WITHOUT_KEY})`);
      return;
    }
    const request = this.#request(line, values, words);
    if (request === undefined) return;
    const answers = await this.#watches.watch(request);
    const output = new WatchOutput(this.#terminal, this.#session, words.command);
    output.follow(answers).catch(this.#fail);
  }

  /** The flags given to the program itself do not count here: each line has its own. */
  #parse(rest: readonly ByteText[]): { values: FlagValues; words: WatchWords | undefined } {
    if (rest.at(-1) === "--" && rest.indexOf("--") === rest.length - 1) {
      throw new CommandFailure(ExitCode.badArguments, WATCH_WITHOUT_COMMAND);
    }
    const command = this.#call.program.commands.find(({ words }) => words.join(" ") === "watch");
    const parsed = parseFlags(rest, { ...command?.flags, help: helpFlag("watch") });
    if (!parsed.ok) throw new CommandFailure(ExitCode.badArguments, parsed.error);
    const { values, positional, countAtDash } = parsed.words;
    if (values.changed("help")) {
      throw new CommandFailure(ExitCode.badArguments, "pflag: help requested");
    }
    return { values, words: interactiveWatchWords(positional, countAtDash, this.#range) };
  }

  #request(
    line: ByteText,
    values: FlagValues,
    words: WatchWords,
  ): ReturnType<typeof watchRequest> | undefined {
    try {
      return watchRequest(values, words);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      this.#complain(`Invalid command ${line} (${error.message})`);
      return undefined;
    }
  }
}
