// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../api/gen/etcdserverpb.ts";
import { parseGoInt64 } from "../../base/go-number.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { toCounter } from "../flag.ts";

export async function compaction(call: Call): Promise<number> {
  const { values, positional, terminal } = call;
  const [word] = positional;
  if (word === undefined || positional.length > 1) {
    throw new CommandFailure(ExitCode.badArguments, "compaction command needs 1 argument");
  }
  const revision = parseGoInt64(word, 10);
  if (!revision.ok) throw new CommandFailure(ExitCode.error, revision.error);
  const session = await openSession(call);
  const request = { revision: toCounter(revision.value), physical: values.bool("physical") };
  await withClient(session.options, (client) =>
    client.call(KVService.compact, request, { deadlineMs: commandDeadline(values) }),
  );
  terminal.out(`compacted revision ${revision.value}\n`);
  return ExitCode.success;
}
