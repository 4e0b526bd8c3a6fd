// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import {
  type DeleteRangeResponse,
  KVService,
  MaintenanceService,
  type PutRequest,
} from "../../api/gen/etcdserverpb.ts";
import type { Init } from "../../api/message-codec.ts";
import { encodeText } from "../../base/byte-text.ts";
import { goQuote } from "../../base/go-quote.ts";
import { Client } from "../../client/index.ts";
import { attemptReporter, type Session, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { prefixRange } from "../key-range.ts";
import type { LoadReport } from "../put-load.ts";
import type { Terminal } from "../terminal.ts";

// What stands in front of a key's filling, so that keys differ.
const RANDOM_BYTES = 9;
const AFTERWARDS_MS_MAX = 30_000;

export type LoadName = "s" | "m" | "l" | "xl";

const loadNames: Readonly<Record<string, LoadName>> = {
  s: "s",
  small: "s",
  m: "m",
  medium: "m",
  l: "l",
  large: "l",
  xl: "xl",
  xLarge: "xl",
};

/** @throws {CommandFailure} for a name that no load has */
export function pickLoad<T>(loads: Readonly<Record<LoadName, T>>, name: string): T {
  const load = Object.hasOwn(loadNames, name) ? loadNames[name] : undefined;
  if (load !== undefined) return loads[load];
  throw new CommandFailure(ExitCode.badFeature, `unknown load option ${name}`);
}

/**
 * Runs `work` with so many clients, each with a connection of its own.
 * @throws {CommandFailure} when a client cannot be made or a call fails
 */
export function withClients<T>(
  session: Session,
  count: number,
  terminal: Terminal,
  work: (clients: readonly [Client, ...Client[]]) => Promise<T>,
): Promise<T> {
  const onAttemptFailure = attemptReporter(terminal, "etcd-client");
  return withClient(session.options, async (first) => {
    const others = Array.from({ length: count - 1 }, () => {
      return new Client({ ...session.options, onAttemptFailure });
    });
    try {
      return await work([first, ...others]);
    } finally {
      for (const client of others) client.close();
    }
  });
}

/**
 * Makes sure that nothing stands where the test is going to write.
 * @param shown how the text that refuses spells the command that would clean up
 */
export async function requireNoKeys(
  client: Client,
  prefix: string,
  shown: string,
  deadlineMs?: number,
): Promise<void> {
  const request = { ...prefixRange(prefix), limit: 1 };
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  const found = await client.call(KVService.range, request, { repeatable: true, ...deadline });
  if (found.kvs.length === 0) return;
  const text = `prefix ${goQuote(prefix)} has keys. Delete with ${shown} first`;
  throw new CommandFailure(ExitCode.invalidInput, text);
}

/** Puts of random keys under a prefix, all with the same value of zeros. */
export function randomPuts(
  prefix: string,
  { keyBytes, valueBytes }: { readonly keyBytes: number; readonly valueBytes: number },
): () => Init<PutRequest> {
  const begin = encodeText(prefix);
  const value = new Uint8Array(valueBytes);
  return () => {
    const key = new Uint8Array(begin.length + keyBytes);
    key.set(begin);
    key.set(randomBytes(RANDOM_BYTES), begin.length);
    return { key, value };
  };
}

export function deletePrefix(
  client: Client,
  prefix: string,
  deadlineMs?: number,
): Promise<DeleteRangeResponse> {
  const options = deadlineMs === undefined ? {} : { deadlineMs };
  return client.call(KVService.deleteRange, prefixRange(prefix), options);
}

/** How long cleaning up may take. */
export function cleanUpDeadline(): number {
  return Date.now() + AFTERWARDS_MS_MAX;
}

export async function compactTo(
  client: Client,
  revision: number,
  terminal: Terminal,
): Promise<void> {
  terminal.out(`Compacting with revision ${revision}\n`);
  const options = { deadlineMs: cleanUpDeadline() };
  await client.call(KVService.compact, { revision, physical: true }, options);
  terminal.out(`Compacted with revision ${revision}\n`);
}

/** Defragments each endpoint over a connection of its own. */
export async function defragmentAll(session: Session, terminal: Terminal): Promise<void> {
  for (const endpoint of session.options.endpoints) {
    terminal.out(`Defragmenting ${goQuote(endpoint)}\n`);
    await withClient({ ...session.options, endpoints: [endpoint] }, (client) =>
      client.call(MaintenanceService.defragment, {}, { deadlineMs: cleanUpDeadline() }),
    );
    terminal.out(`Defragmented ${goQuote(endpoint)}\n`);
  }
}

/** The lines about puts that failed; none when all went well. */
export function errorLines({ errors }: LoadReport): string[] {
  if (errors.size === 0) return [];
  const lines = [...errors].map(([text, count]) => `FAIL: ERROR(${text}) -> ${count}`);
  return ["FAIL: too many errors", ...lines];
}
