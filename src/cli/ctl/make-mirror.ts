// SPDX-License-Identifier: Apache-2.0

import type { ClientOptions } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { openSession, readTls, type Session, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { FlagValues } from "../flag.ts";
import { Mirror } from "../recipes/mirror.ts";
import type { Terminal } from "../terminal.ts";

const REPORT_MS = 30_000;

/** @throws {CommandFailure} always: a mirror works until something ends it */
export async function makeMirror(call: Call): Promise<number> {
  const { positional, values } = call;
  const [destination] = positional;
  if (destination === undefined || positional.length !== 1) {
    throw badArguments("make-mirror takes one destination argument");
  }
  for (const name of ["dest-user", "dest-password"]) {
    if (values.changed(name)) throw badArguments(`etcdx: --${name} is not supported yet`);
  }
  const tls = destinationTls(values);
  const session = await openSession(call);
  if (values.bool("no-dest-prefix") && values.text("dest-prefix") !== "") {
    throw badArguments(
      "`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one",
    );
  }
  const { tls: _, ...shared } = session.options;
  const there = { ...shared, endpoints: [destination], ...(tls === undefined ? {} : { tls }) };
  const reason = await mirror(call, session, there);
  // Without a reason etcdctl prints the nothing that it got.
  throw new CommandFailure(ExitCode.error, reason ?? "<nil>");
}

function badArguments(message: string): CommandFailure {
  return new CommandFailure(ExitCode.badArguments, message);
}

function destinationTls(values: FlagValues): ClientOptions["tls"] {
  return readTls({
    cert: values.text("dest-cert"),
    key: values.text("dest-key"),
    cacert: values.text("dest-cacert"),
    insecureTransport: values.bool("dest-insecure-transport"),
    insecureSkipVerify: false,
  });
}

function mirror(
  { values, terminal }: Call,
  session: Session,
  there: ClientOptions,
): Promise<string | undefined> {
  const named = values.text("dest-prefix");
  return withClient(there, (destination) =>
    withClient(session.options, (source) =>
      reporting(
        new Mirror({
          source,
          destination,
          prefix: values.text("prefix"),
          destinationPrefix: values.bool("no-dest-prefix") ? "" : named === "" ? undefined : named,
          revision: values.counter("rev"),
          operationsMax: values.counter("max-txn-ops"),
        }),
        terminal,
      ),
    ),
  );
}

/** Says from time to time how many keys there were. */
async function reporting(mirror: Mirror, terminal: Terminal): Promise<string | undefined> {
  const timer = setInterval(() => terminal.out(`${mirror.count}\n`), REPORT_MS);
  try {
    return await mirror.run();
  } finally {
    clearInterval(timer);
  }
}
