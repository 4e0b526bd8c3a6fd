// SPDX-License-Identifier: Apache-2.0

import { formatGoDuration } from "../../base/go-duration.ts";
import {
  type CallOptions,
  type Client,
  RpcError,
  type SnapshotTaker,
  snapshotStream,
  statusText,
} from "../../client/index.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { type LogFields, logLine } from "../log-line.ts";
import { formatSize } from "../print/columns.ts";
import { catchStopSignals } from "../stop-signals.ts";
import type { Terminal } from "../terminal.ts";
import { PartFile } from "./part-file.ts";

const CALLER = "snapshot/v3_snapshot.go";
const CLIENT_CALLER = "v3@v3.7.1/maintenance.go";
const TIMEOUT_FLAG = "command-timeout";

/** Every failure behind the command line has the same exit code. */
function failure(message: string, cause?: unknown): CommandFailure {
  return new CommandFailure(ExitCode.interrupted, message, { cause });
}

export async function snapshotSave(call: Call): Promise<number> {
  const [path] = call.positional;
  if (path === undefined || call.positional.length !== 1) {
    const text = "snapshot save expects one argument <filename>";
    throw new CommandFailure(ExitCode.badArguments, text);
  }
  const { options } = await openSession(call);
  const { endpoints } = options;
  const [endpoint] = endpoints;
  if (endpoint === undefined || endpoints.length > 1) {
    const list = `[${endpoints.join(" ")}]`;
    throw failure(`snapshot must be requested to one selected node, not multiple ${list}`);
  }
  const { values, terminal } = call;
  const signals = catchStopSignals();
  const limits: CallOptions = {
    signal: signals.signal,
    ...(values.changed(TIMEOUT_FLAG) ? { deadlineMs: commandDeadline(values) } : {}),
  };
  try {
    // A client's own settings that do not work keep their exit code.
    const version = await withClient(options, (client) =>
      save({ client, limits, terminal, path, endpoint }).catch((error: unknown) => {
        throw error instanceof RpcError ? failure(error.message, error) : error;
      }),
    );
    terminal.out(`Snapshot saved at ${path}\n`);
    if (version !== "") terminal.out(`Server version ${version}\n`);
    return ExitCode.success;
  } finally {
    signals.release();
  }
}

interface Saving {
  readonly client: Client;
  readonly limits: CallOptions;
  readonly terminal: Terminal;
  readonly path: string;
  readonly endpoint: string;
}

/** Gives the server's version, empty when it does not tell one. */
async function save(saving: Saving): Promise<string> {
  const { terminal, path, endpoint } = saving;
  const start = process.hrtime.bigint();
  const part = PartFile.create(path);
  try {
    info(terminal, `${CALLER}:83`, "created temporary db file", [["path", part.path]]);
    const version = await fetchInto(part, saving);
    part.finish();
    info(terminal, `${CALLER}:111`, "fetched snapshot", [
      ["endpoint", endpoint],
      ["size", formatSize(part.sizeBytes)],
      ["took", formatGoDuration(process.hrtime.bigint() - start)],
      ["etcd-version", version],
    ]);
    part.place();
    info(terminal, `${CALLER}:121`, "saved", [["path", path]]);
    return version;
  } finally {
    part.discard();
  }
}

async function fetchInto(part: PartFile, saving: Saving): Promise<string> {
  const { client, limits, terminal, endpoint } = saving;
  let isOpen = false;
  let version: string | undefined;
  const taker: SnapshotTaker = {
    onConnected: () => {
      isOpen = true;
      clientInfo(terminal, 236, "opened snapshot stream; downloading");
    },
    onPiece: (piece) => {
      if (version === undefined) {
        info(terminal, `${CALLER}:96`, "fetching snapshot", [["endpoint", endpoint]]);
        ({ version } = piece);
      }
      part.append(piece.blob);
    },
  };
  try {
    await snapshotStream(client, limits, taker);
  } catch (error) {
    if (error instanceof RpcError) (isOpen ? broken : notOpened)(terminal, error);
    throw error;
  }
  clientInfo(terminal, 302, "completed snapshot read; closing");
  return version ?? "";
}

function notOpened(terminal: Terminal, error: RpcError): void {
  const fields: LogFields = [
    ["logger", "client"],
    ["caller", "v3@v3.7.1/retry_interceptor.go:134"],
    ["msg", "streamer failed to create ClientStream"],
    ["error", statusText(error.code, error.details)],
  ];
  terminal.error(logLine("error", fields));
}

function broken(terminal: Terminal, error: RpcError): void {
  const fields: LogFields = [
    ["logger", "client"],
    ["caller", `${CLIENT_CALLER}:304`],
    ["msg", "failed to receive from snapshot stream; closing"],
    ["error", statusText(error.code, error.details)],
  ];
  terminal.error(logLine("warn", fields));
}

function info(terminal: Terminal, caller: string, message: string, fields: LogFields): void {
  terminal.error(logLine("info", [["caller", caller], ["msg", message], ...fields]));
}

function clientInfo(terminal: Terminal, line: number, message: string): void {
  const caller = `${CLIENT_CALLER}:${line}`;
  const fields: LogFields = [
    ["logger", "client"],
    ["caller", caller],
    ["msg", message],
  ];
  terminal.error(logLine("info", fields));
}
