// SPDX-License-Identifier: Apache-2.0

import { WatchStream } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { openSession, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { environmentRange, watchWords } from "../watch-words.ts";
import { watchInteractively } from "./watch-interactive.ts";
import { WatchOutput } from "./watch-output.ts";
import { WANTS_LEADER, watchRequest } from "./watch-request.ts";

const KEY_VARIABLE = "ETCDCTL_WATCH_KEY";
const RANGE_END_VARIABLE = "ETCDCTL_WATCH_RANGE_END";

export async function watch(call: Call): Promise<number> {
  const { values, terminal } = call;
  const range = environmentRange(
    call.environment[KEY_VARIABLE],
    call.environment[RANGE_END_VARIABLE],
  );
  const session = await openSession(call, { claimed: [KEY_VARIABLE, RANGE_END_VARIABLE] });
  if (values.bool("interactive")) return watchInteractively(call, session, range);
  const words = watchWords(call.positional, call.countAtDash, range);
  const createRequest = watchRequest(values, words);
  await withClient(session.options, async (client) => {
    const stream = new WatchStream(client, { createRequest }, WANTS_LEADER);
    await new WatchOutput(terminal, session, words.command).follow(stream);
  });
  throw new CommandFailure(ExitCode.interrupted, "watch is canceled by the server");
}
