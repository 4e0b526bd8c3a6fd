// SPDX-License-Identifier: Apache-2.0

import type { WatchCreateRequest, WatchResponse } from "../../api/gen/etcdserverpb.ts";
import type { Init } from "../../api/message-codec.ts";
import { rpcErrors } from "../../api/rpc-errors.ts";
import { type ByteText, encodeText } from "../../base/byte-text.ts";
import { RpcError, WatchStream } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { openSession, printAnswer, type Session, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { FlagValues } from "../flag.ts";
import { prefixRange } from "../key-range.ts";
import type { Terminal } from "../terminal.ts";
import { environmentRange, type WatchWords, watchWords } from "../watch-words.ts";
import { runForEvent } from "./watch-command.ts";

const KEY_VARIABLE = "ETCDCTL_WATCH_KEY";
const RANGE_END_VARIABLE = "ETCDCTL_WATCH_RANGE_END";

export async function watch(call: Call): Promise<number> {
  const { values, terminal } = call;
  const range = environmentRange(
    call.environment[KEY_VARIABLE],
    call.environment[RANGE_END_VARIABLE],
  );
  const session = await openSession(call, { claimed: [KEY_VARIABLE, RANGE_END_VARIABLE] });
  if (values.bool("interactive")) {
    const text = "etcdx: --interactive is not supported yet";
    throw new CommandFailure(ExitCode.badArguments, text);
  }
  const words = watchWords(call.positional, call.countAtDash, range);
  const createRequest = watchRequest(values, words);
  const metadata = { hasleader: "true" };
  await withClient(session.options, async (client) => {
    const stream = new WatchStream(client, { createRequest }, { metadata });
    const output = new WatchOutput(terminal, session, words.command, createRequest);
    try {
      for await (const response of stream) if (!output.take(response)) return;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      output.end(error.message);
    }
  });
  throw new CommandFailure(ExitCode.interrupted, "watch is canceled by the server");
}

function watchRequest(values: FlagValues, words: WatchWords): Init<WatchCreateRequest> {
  return {
    ...watchRange(words, values.bool("prefix")),
    startRevision: values.counter("rev"),
    prevKv: values.bool("prev-kv"),
    progressNotify: values.bool("progress-notify"),
  };
}

function watchRange(words: WatchWords, prefix: boolean): Init<WatchCreateRequest> {
  if (prefix) {
    if (words.rangeEnd !== undefined) {
      const text = "`range_end` and `--prefix` are mutually exclusive";
      throw new CommandFailure(ExitCode.badArguments, text);
    }
    return prefixRange(words.key);
  }
  const key = encodeText(words.key);
  // An empty key alone means the first possible key: the server takes no empty one.
  const rangeEnd = words.rangeEnd === undefined ? undefined : encodeText(words.rangeEnd);
  return { key: key.length === 0 ? Uint8Array.of(0) : key, rangeEnd };
}

/** Prints the answers of a watch and runs the command for each event. */
class WatchOutput {
  readonly #terminal: Terminal;
  readonly #session: Session;
  readonly #command: readonly ByteText[];
  readonly #wantsProgress: boolean;

  constructor(
    terminal: Terminal,
    session: Session,
    command: readonly ByteText[],
    request: Init<WatchCreateRequest>,
  ) {
    this.#terminal = terminal;
    this.#session = session;
    this.#command = command;
    this.#wantsProgress = request.progressNotify === true;
  }

  /** Answers whether the watch goes on. */
  take(response: WatchResponse): boolean {
    if (response.canceled) {
      const compacted = response.compactRevision !== 0;
      this.end(compacted ? rpcErrors.compacted.message : response.cancelReason, response);
      return false;
    }
    if (response.created) return true;
    const revision = response.header?.revision ?? 0;
    if (response.events.length === 0) {
      if (!this.#wantsProgress) return true;
      this.#terminal.out(`progress notify: ${revision}\n`);
    }
    this.#print(response);
    for (const event of response.events) {
      if (this.#command.length > 0) runForEvent(this.#command, revision, event, this.#terminal);
    }
    return true;
  }

  /** A watch that ends, with the answer that said so if its parts are known to the client. */
  end(reason: string, response?: WatchResponse): void {
    this.#terminal.error(`watch was canceled (${reason})\n`);
    const known = response?.created === false ? response.header : undefined;
    this.#print({
      header: known,
      compactRevision: response?.compactRevision ?? 0,
      canceled: true,
      created: false,
      events: [],
      watchId: 0n,
      cancelReason: "",
      fragment: false,
    });
  }

  #print(response: WatchResponse): void {
    const { format, printer } = this.#session;
    printAnswer(this.#terminal, format, printer.watch, response);
  }
}
