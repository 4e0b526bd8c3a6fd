// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../api/gen/etcdserverpb.ts";
import { encodeText } from "../../base/byte-text.ts";
import type { Client } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { openSession, printAnswer, type Session, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { type LogFields, logLine } from "../log-line.ts";
import { openLeaseSession } from "../recipes/lease-session.ts";
import { acquireLock, type HeldLock, LockSessionExpired, releaseLock } from "../recipes/lock.ts";
import { runCommand } from "../run-command.ts";
import { catchStopSignals, type StopSignals } from "../stop-signals.ts";

const TTL_SECONDS_DEFAULT = 60;

export async function lock(call: Call): Promise<number> {
  const [name, ...command] = call.positional;
  if (name === undefined) {
    const text = "lock takes a lock name argument and an optional command to execute";
    throw new CommandFailure(ExitCode.badArguments, text);
  }
  const session = await openSession(call);
  return withClient(session.options, async (client) => {
    const lease = await openLeaseSession(client, timeToLive(call), session.options.dialTimeoutMs);
    const stop = catchStopSignals();
    try {
      const held = await acquireLock(client, lease, name, stop.signal);
      if (command.length > 0) return await runLocked(client, held, command);
      return await hold(call, session, client, { held, lost: lease.lost, stop });
    } catch (error) {
      if (!(error instanceof LockSessionExpired)) throw error;
      throw new CommandFailure(ExitCode.error, error.message, { cause: error });
    } finally {
      stop.release();
    }
  });
}

/** Seconds; what is no time to live is warned about and replaced. */
function timeToLive({ values, terminal }: Call): number {
  const given = values.counter("ttl");
  if (given > 0) return given;
  const fields: LogFields = [
    ["logger", "etcd-client"],
    ["caller", "concurrency/session.go:133"],
    ["msg", "WithTTL(): TTL should be > 0, preserving current TTL"],
    ["current-session-ttl", TTL_SECONDS_DEFAULT],
  ];
  terminal.error(logLine("warn", fields));
  return TTL_SECONDS_DEFAULT;
}

/** Runs the command under the lock, which is given back whatever it comes to. */
async function runLocked(
  client: Client,
  { key, header }: HeldLock,
  command: readonly string[],
): Promise<number> {
  const { problem, exitCode } = await runCommand(command, {
    ETCD_LOCK_KEY: Buffer.from(encodeText(key)).toString(),
    ETCD_LOCK_REV: String(header?.revision ?? 0),
    ...process.env,
  });
  const released = releaseLock(client, key);
  if (problem === undefined) {
    await released;
    return ExitCode.success;
  }
  await released.catch(() => {});
  // A system keeps the lowest byte: -1, for a signal, becomes 255.
  throw new CommandFailure((exitCode ?? ExitCode.error) & 0xff, problem);
}

interface Hold {
  readonly held: HeldLock;
  readonly lost: Promise<void>;
  readonly stop: StopSignals;
}

/** Shows the lock's key and holds it until somebody says to stop. */
async function hold(
  { terminal }: Call,
  { format, printer }: Session,
  client: Client,
  { held, lost, stop }: Hold,
): Promise<number> {
  const request = { key: encodeText(held.key) };
  const options = { signal: stop.signal, repeatable: true };
  const response = await client.call(KVService.range, request, options);
  if (response.kvs.length === 0) throw new CommandFailure(ExitCode.error, "lock lost on init");
  printAnswer(terminal, format, printer.get, response);
  const end = await Promise.race([stop.received.then(() => "stopped"), lost.then(() => "lost")]);
  if (end === "lost") throw new CommandFailure(ExitCode.error, "session expired");
  await releaseLock(client, held.key);
  return ExitCode.success;
}
