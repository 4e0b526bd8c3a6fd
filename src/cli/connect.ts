// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { systemErrorText } from "../base/system-error.ts";
import {
  type AttemptFailure,
  Client,
  type ClientOptions,
  ClientOptionsError,
  RpcError,
  type TlsOptions,
} from "../client/index.ts";
import type { Call } from "./command.ts";
import { applyEnvironment, variableName } from "./environment.ts";
import { CommandFailure, ExitCode } from "./exit-code.ts";
import { type FlagValues, formatFlagValue } from "./flag.ts";
import { authoritiesProblem, keyPairProblem } from "./key-pair.ts";
import { logLine } from "./log-line.ts";
import type { Print, Printer } from "./print/printable.ts";
import { createPrinter, type Format, isFormat } from "./print/printer.ts";
import type { Terminal } from "./terminal.ts";

const NANOSECONDS_PER_MS = 1_000_000;

/** Milliseconds of a duration flag. */
export function durationMs(values: FlagValues, name: string): number {
  return Number(values.bigint(name)) / NANOSECONDS_PER_MS;
}

/** The moment at which a call that starts now is given up. */
export function commandDeadline(values: FlagValues): number {
  return Date.now() + durationMs(values, "command-timeout");
}

/** The settings of a call once variables are in: how to print, how to connect. */
export interface Session {
  readonly format: Format;
  readonly printer: Printer;
  readonly options: ClientOptions;
}

export interface SessionOptions {
  /** Variables of `ETCDCTL_` that the command reads itself. */
  readonly claimed?: readonly string[];
  readonly valueOnly?: boolean;
}

/**
 * Takes the variables in and settles format and connection.
 * @throws {CommandFailure} for a conflict, an unknown format, or settings that do not work
 */
export async function openSession(call: Call, options: SessionOptions = {}): Promise<Session> {
  const { values, environment, terminal } = call;
  const names = [...Object.keys(call.program.globalFlags), "cluster"].filter(
    (name) => values.flag(name) !== undefined,
  );
  applyEnvironment({ values, names, environment, terminal, claimed: options.claimed ?? [] });
  if (values.bool("debug")) printSettings(names, values, terminal);
  const format = values.text("write-out");
  if (!isFormat(format)) {
    throw new CommandFailure(ExitCode.badFeature, "unsupported output format");
  }
  refuseUnsupported(values);
  const hex = values.bool("hex");
  const printer = await createPrinter(format, { hex, valueOnly: options.valueOnly ?? false });
  return { format, printer, options: clientOptions(values, terminal) };
}

/** The debug flag's list: every setting as the variable that would make it. */
function printSettings(names: readonly string[], values: FlagValues, terminal: Terminal): void {
  for (const name of [...names].sort()) {
    const flag = values.flag(name);
    if (flag === undefined) continue;
    terminal.error(`${variableName(name)}=${formatFlagValue(flag, values.get(name))}\n`);
  }
}

const unsupportedFlags = [
  "auth-jwt-token",
  "user",
  "password",
  "discovery-srv",
  "discovery-srv-name",
  "insecure-discovery",
] as const;

/** Says so, rather than accept a flag that would do nothing. */
function refuseUnsupported(values: FlagValues): void {
  const name = unsupportedFlags.find((candidate) => {
    return values.flag(candidate) !== undefined && values.changed(candidate);
  });
  if (name === undefined) return;
  throw new CommandFailure(ExitCode.badArguments, `etcdx: --${name} is not supported yet`);
}

function clientOptions(values: FlagValues, terminal: Terminal): ClientOptions {
  const tls = tlsOptions(values);
  return {
    endpoints: values.list("endpoints").map((endpoint) => endpoint.trim()),
    dialTimeoutMs: durationMs(values, "dial-timeout"),
    keepaliveTimeMs: durationMs(values, "keepalive-time"),
    keepaliveTimeoutMs: durationMs(values, "keepalive-timeout"),
    sendBytesMax: bytesMax(values, "max-request-bytes"),
    receiveBytesMax: bytesMax(values, "max-recv-bytes"),
    ...(tls === undefined ? {} : { tls }),
    onAttemptFailure: attemptReporter(terminal, "etcd-client"),
  };
}

/** Below zero stands for the default, as 0 does. */
function bytesMax(values: FlagValues, name: string): number {
  return Math.max(values.counter(name), 0);
}

function tlsOptions(values: FlagValues): TlsOptions | undefined {
  return readTls({
    cert: values.text("cert"),
    key: values.text("key"),
    cacert: values.text("cacert"),
    insecureTransport: values.bool("insecure-transport"),
    insecureSkipVerify: values.bool("insecure-skip-tls-verify"),
  });
}

/** What the flags say about TLS: names of files, empty when not given. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  readonly cacert: string;
  readonly insecureTransport: boolean;
  readonly insecureSkipVerify: boolean;
}

/**
 * Reads the files that are named; undefined when nothing asks for TLS.
 * @throws {CommandFailure} for a file that is missing, unreadable, no PEM, or lacks its counterpart
 */
export function readTls(settings: TlsSettings): TlsOptions | undefined {
  const { cert, key, cacert, insecureSkipVerify } = settings;
  if ((cert === "") !== (key === "")) {
    throw new CommandFailure(
      ExitCode.badArguments,
      `KeyFile and CertFile must both be present[key: ${key}, cert: ${cert}]`,
    );
  }
  const wanted = cert !== "" || cacert !== "" || insecureSkipVerify;
  if (!wanted && settings.insecureTransport) return undefined;
  return {
    insecureSkipVerify,
    ...(cert === "" ? {} : readPair(cert, key)),
    ...(cacert === "" ? {} : { authorities: readAuthorities(cacert) }),
  };
}

function readPair(cert: string, key: string): Pick<TlsOptions, "certificate" | "key"> {
  const pair = { certificate: readPem(cert), key: readPem(key) };
  refuseTls(keyPairProblem(pair.certificate, pair.key));
  return pair;
}

function readAuthorities(path: string): Uint8Array {
  const authorities = readPem(path);
  refuseTls(authoritiesProblem(authorities));
  return authorities;
}

function refuseTls(problem: string | undefined): void {
  if (problem !== undefined) throw new CommandFailure(ExitCode.badArguments, problem);
}

function readPem(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = systemErrorText(error);
    throw new CommandFailure(ExitCode.badArguments, `open ${path}: ${reason}`, { cause: error });
  }
}

// The target's middle part is an address in the memory of the Go client; ours has none to show.
const TARGET_PREFIX = "etcd-endpoints://0x0/";

/** Writes a log line for every attempt of a call that failed. */
export function attemptReporter(
  terminal: Terminal,
  logger: string,
): (failure: AttemptFailure) => void {
  return (failure) => terminal.error(failureLine(failure, logger));
}

function failureLine(failure: AttemptFailure, logger: string): string {
  const { peer } = failure;
  const peerText =
    peer === undefined
      ? "Peer{Addr: <nil>, LocalAddr: <nil>, AuthInfo: <nil>}"
      : `Peer{Addr: '${peer.remote}', LocalAddr: '${peer.local}', ` +
        `AuthInfo: '${peer.secure ? "tls" : "insecure"}'}`;
  return logLine("warn", [
    ["logger", logger],
    ["caller", "v3@v3.7.1/retry_interceptor.go:68"],
    ["msg", "retrying of unary invoker failed"],
    ["target", TARGET_PREFIX + failure.target],
    ["peer", peerText],
    ["method", failure.method],
    ["attempt", failure.attempt],
    ["error", failure.error],
  ]);
}

/**
 * Runs `work` with a client and closes it.
 * @throws {CommandFailure} when the client cannot be made or a call fails
 */
export async function withClient<T>(
  options: ClientOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  let client: Client | undefined;
  try {
    client = new Client(options);
    return await work(client);
  } catch (error) {
    if (error instanceof ClientOptionsError) {
      throw new CommandFailure(ExitCode.badConnection, error.message, { cause: error });
    }
    if (error instanceof RpcError) {
      throw new CommandFailure(ExitCode.error, error.message, { cause: error });
    }
    throw error;
  } finally {
    client?.close();
  }
}

/**
 * Prints an answer.
 * @throws {CommandFailure} if the format does not exist for it
 */
export function printAnswer<T>(
  terminal: Terminal,
  format: Format,
  print: Print<T> | undefined,
  answer: T,
): void {
  if (print === undefined) {
    const text = `${format} not supported as output format`;
    throw new CommandFailure(ExitCode.badFeature, text);
  }
  terminal.out(print(answer));
}
