// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from "node:timers/promises";
import { type Compare, KVService, type RequestOp } from "../../api/gen/etcdserverpb.ts";
import type { Init } from "../../api/message-codec.ts";
import type { ByteText } from "../../base/byte-text.ts";
import type { Call, CommandClass, Program } from "../command.ts";
import { allFlags, findCommand } from "../command-tree.ts";
import { openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { parseFlags } from "../flag-parser.ts";
import { helpText, usageText } from "../help.ts";
import { LineReader, readRest } from "../line-reader.ts";
import type { Terminal } from "../terminal.ts";
import { invalidInput, parseCompare } from "../txn-syntax.ts";
import { splitWords } from "../words.ts";
import { deletion, putRequest, RANGE_WARNING_MS, rangeRequest } from "./kv-requests.ts";

export async function txn(call: Call): Promise<number> {
  const { terminal, values } = call;
  if (call.positional.length > 0) {
    throw new CommandFailure(ExitCode.badArguments, "txn command does not accept argument");
  }
  const session = await openSession(call);
  const reader = new TxnReader(call, values.bool("interactive"));
  const request = await reader.read();
  const response = await withClient(session.options, (client) =>
    client.call(KVService.txn, request, { repeatable: isReadOnly(request) }),
  );
  printAnswer(terminal, session.format, session.printer.txn, response);
  return ExitCode.success;
}

interface TxnParts {
  readonly compare: readonly Init<Compare>[];
  readonly success: readonly Init<RequestOp>[];
  readonly failure: readonly Init<RequestOp>[];
}

function isReadOnly({ success, failure }: TxnParts): boolean {
  return [...success, ...failure].every((operation) => operation.requestRange !== undefined);
}

const operationNames = ["get", "put", "del"];

/** Reads the three sections of a transaction; an empty line ends each. */
class TxnReader {
  readonly #terminal: Terminal;
  readonly #prompts: boolean;
  readonly #lines: LineReader;
  /** The operations as a program without a name, so that usage texts show the bare words. */
  readonly #operations: Program;

  constructor(call: Call, prompts: boolean) {
    this.#terminal = call.terminal;
    this.#prompts = prompts;
    this.#lines = new LineReader(call.terminal);
    this.#operations = {
      ...call.program,
      name: "",
      globalFlags: {},
      commands: call.program.commands.filter(({ words }) =>
        operationNames.includes(words.join(" ")),
      ),
    };
  }

  async read(): Promise<TxnParts> {
    const compare = await this.#section("compares:", async (line) => parseCompare(line));
    const operation = (line: ByteText): Promise<Init<RequestOp>> => this.#operation(line);
    const success = await this.#section("success requests (get, put, del):", operation);
    const failure = await this.#section("failure requests (get, put, del):", operation);
    return { compare, success, failure };
  }

  async #section<T>(prompt: string, parse: (line: ByteText) => Promise<T>): Promise<T[]> {
    if (this.#prompts) this.#terminal.out(`${prompt}\n`);
    const parts: T[] = [];
    for (;;) {
      const line = this.#lines.line()?.trim();
      if (line === undefined) throw invalidInput("EOF");
      if (line === "") return parts;
      parts.push(await parse(line));
    }
  }

  async #operation(line: ByteText): Promise<Init<RequestOp>> {
    const words = splitWords(line);
    if (words === undefined) throw invalidInput("invalid syntax");
    if (words.length < 2) throw invalidInput(`invalid txn compare request: ${line}`);
    const { command, rest } = findCommand(this.#operations, words);
    const refused = invalidInput(`invalid txn request: ${line}`);
    if (command === undefined) throw refused;
    const parsed = parseFlags(rest, allFlags(this.#operations, command));
    if (!parsed.ok) {
      this.#terminal.error(`${usageText(this.#operations, command)}\n`);
      throw refused;
    }
    if (parsed.words.values.bool("help")) {
      this.#terminal.out(helpText(this.#operations, command));
      throw refused;
    }
    return this.#request(command, parsed.words);
  }

  async #request(
    command: CommandClass,
    words: Parameters<typeof rangeRequest>[0],
  ): Promise<Init<RequestOp>> {
    switch (command.words[0]) {
      case "get":
        return { requestRange: rangeRequest(words) };
      case "put":
        return { requestPut: putRequest(words, () => readRest(this.#terminal)) };
      default: {
        const { request, warning } = deletion(words);
        if (warning !== "") {
          this.#terminal.error(warning);
          await delay(RANGE_WARNING_MS);
        }
        return { requestDeleteRange: request };
      }
    }
  }
}
