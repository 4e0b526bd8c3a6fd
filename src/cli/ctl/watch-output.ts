// SPDX-License-Identifier: Apache-2.0

import type { WatchResponse } from "../../api/gen/etcdserverpb.ts";
import { rpcErrors } from "../../api/rpc-errors.ts";
import type { ByteText } from "../../base/byte-text.ts";
import { RpcError, WatchRefusedError } from "../../client/index.ts";
import { printAnswer, type Session } from "../connect.ts";
import type { Terminal } from "../terminal.ts";
import { runForEvent } from "./watch-command.ts";

/** Prints the answers of a watch and runs the command for each event. */
export class WatchOutput {
  readonly #terminal: Terminal;
  readonly #session: Session;
  readonly #command: readonly ByteText[];

  constructor(terminal: Terminal, session: Session, command: readonly ByteText[]) {
    this.#terminal = terminal;
    this.#session = session;
    this.#command = command;
  }

  /**
   * Takes answers until the watch is over, and says why where a reason is known.
   * @throws {CommandFailure} when the format does not exist or the command fails
   */
  async follow(answers: AsyncIterable<WatchResponse>): Promise<void> {
    try {
      for await (const response of answers) {
        if (response.canceled) return this.#canceled(response);
        if (!response.created) await this.#take(response);
      }
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof WatchRefusedError)) throw error;
      this.#end(error.message);
    }
  }

  async #take(response: WatchResponse): Promise<void> {
    const revision = response.header?.revision ?? 0;
    if (response.events.length === 0) this.#terminal.out(`progress notify: ${revision}\n`);
    this.#print(response);
    for (const event of response.events) {
      if (this.#command.length > 0) {
        await runForEvent(this.#command, revision, event, this.#terminal);
      }
    }
  }

  #canceled(response: WatchResponse): void {
    const compacted = response.compactRevision !== 0;
    // etcd's client keeps the reason to itself when a watch ends that had begun.
    if (!compacted && !response.created) return;
    this.#end(compacted ? rpcErrors.compacted.message : response.cancelReason, response);
  }

  /** A watch that ends, with the answer that said so if its parts are known to the client. */
  #end(reason: string, response?: WatchResponse): void {
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
