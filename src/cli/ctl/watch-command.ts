// SPDX-License-Identifier: Apache-2.0

import type { Event } from "../../api/gen/mvccpb.ts";
import type { ByteText } from "../../base/byte-text.ts";
import { goQuote, goQuoteBytes } from "../../base/go-quote.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { runCommand } from "../run-command.ts";
import type { Terminal } from "../terminal.ts";

/**
 * Runs the user's command for one event, output shared with ours, and waits for its end.
 * @throws {CommandFailure} when it cannot be started or fails, which has been printed by then
 */
export async function runForEvent(
  command: readonly ByteText[],
  revision: number,
  event: Event,
  terminal: Terminal,
): Promise<void> {
  const empty = new Uint8Array(0);
  const { problem } = await runCommand(command, {
    ...process.env,
    ETCD_WATCH_REVISION: String(revision),
    ETCD_WATCH_EVENT_TYPE: goQuote(event.type === 1 ? "DELETE" : "PUT"),
    ETCD_WATCH_KEY: goQuoteBytes(event.kv?.key ?? empty),
    ETCD_WATCH_VALUE: goQuoteBytes(event.kv?.value ?? empty),
  });
  if (problem === undefined) return;
  terminal.error(`command [${command.map(goQuote).join(" ")}] error (${problem})\n`);
  throw new CommandFailure(ExitCode.error, "");
}
