// SPDX-License-Identifier: Apache-2.0

import { describe, test } from "vitest";
import { resolveServer, type ServerCommand } from "../../harness/server-command.ts";

/** `etcdx` unless CONFORMANCE_SUBJECT names another one: `etcd` for genuine etcd 3.7.1. */
function chosenSubject(): ServerCommand | undefined {
  const wanted = process.env["CONFORMANCE_SUBJECT"];
  const command = resolveServer(wanted ?? "etcdx");
  if (command === undefined && wanted !== undefined) {
    throw new Error(`CONFORMANCE_SUBJECT=${wanted}: this server is not here`);
  }
  return command;
}

const subject = chosenSubject();

/** The server that the cases run against; only to be asked for inside of a case. */
export function subjectCommand(): ServerCommand {
  if (subject === undefined) throw new Error("there is no subject, so no case should run");
  return subject;
}

/** A group of cases, left out when there is no subject. */
export function describeCases(title: string, body: () => void): void {
  describe.skipIf(subject === undefined)(title, body);
}

/**
 * A case that genuine etcd passes and our server is known to fail, for a reason that the table in
 * docs/compatibility.md repeats. Against our server the case must fail: once it passes, the gap is
 * closed and the case becomes a plain test again.
 */
export function openGap(_reason: string): typeof test.fails | typeof test {
  return subject?.name === "etcdx" ? test.fails : test;
}
