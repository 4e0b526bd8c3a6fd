// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { setFlagsFromString } from "node:v8";
import type { Logger } from "../../base/contracts/logger.ts";
import { errorText } from "../../base/error-text.ts";
import { systemErrorText } from "../../base/system-error.ts";
import { detectDefaultHost } from "../../platform/default-host.ts";
import {
  catchStopSignals,
  describeSignal,
  type SignalTarget,
  type StopSignals,
} from "../../platform/signals.ts";
import { systemClock } from "../../platform/system-clock.ts";
import {
  type ConfigLine,
  type Environment,
  ExitCode,
  type LoadedExit,
  type LoadedRun,
  type LoggingConfig,
  loadServerConfig,
  type ServerConfig,
} from "../../server/config/index.ts";
import {
  LogOutputError,
  type LogOutputs,
  openLogOutputs,
  ServerLogger,
} from "../../server/observe/index.ts";

const CALLER = "server/run.ts";

/** Where the program writes; `fd` lets log lines skip the stream. */
export interface OutputStream {
  readonly fd?: number;
  write(text: string): unknown;
}

export interface ServerIo {
  readonly environment: Environment;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** The word the program was called by; `etcd` makes `--version` etcd's own. */
  readonly programName: string;
}

/** A started server, as `server/embed` hands it out. */
export interface RunningServer {
  stop(): Promise<void>;
  /** Settles only when the server cannot go on; the value or the reason is the error. */
  readonly failed: Promise<unknown>;
}

export type StartServer = (config: ServerConfig, logger: Logger) => Promise<RunningServer>;

/** What is exchanged in tests: the engine room and the operating system. */
export interface RunServerParts {
  readonly start: StartServer;
  readonly signals: SignalTarget;
}

const realParts: RunServerParts = {
  // Loaded only when a server really starts: `--help` and `ctl` must not pay for it.
  start: async (config, logger) => {
    // A server is asked for its best right after its start. Compiling every function once before
    // it has proved hot takes a fifth off the first seconds: 3,000 puts by one client took 305 µs
    // each without, 231 µs with it.
    setFlagsFromString("--always-sparkplug");
    setFlagsFromString("--no-lazy-feedback-allocation");
    const embed = await import("../../server/embed/index.ts");
    const server = await embed.startEtcd(config, logger);
    // Left alone, the heap is let grow to little more than the nursery above what lives, and a
    // server that compacts collects all of it once a second, 10 ms at a time. With four times what
    // lives (25 MB) that comes once in many seconds. What a start leaves is collected before.
    setFlagsFromString("--heap-growing-percent=300");
    return server;
  },
  signals: process,
};

/**
 * Runs a server until a signal stops it or it fails; resolves with the exit code. After a signal
 * the process is ended by that very signal, so the promise then usually never gets looked at.
 */
export async function runServer(
  argv: readonly string[],
  io: ServerIo,
  parts: RunServerParts = realParts,
): Promise<number> {
  const [subcommand] = argv;
  if (subcommand === "gateway" || subcommand === "grpc-proxy") {
    io.stderr.write(`etcdx: ${subcommand} is not supported yet\n`);
    return ExitCode.refused;
  }
  const loaded = loadServerConfig(argv, io.environment, (path) => readFileSync(path, "utf8"), {
    programName: io.programName,
    commandLine: [io.programName, ...argv],
    detectHost: detectDefaultHost,
    runtime: { nodeVersion: process.versions.node, os: platform(), arch: arch() },
  });
  const logging = loaded.kind === "run" ? loaded.config.logging : loaded.logging;
  const log = openLog(logging, io, loaded.warnings);
  if (log === undefined) return ExitCode.refused;
  try {
    for (const line of loaded.warnings) {
      const target = line.early ? log.early : log.logger;
      target.log(line.level, line.caller, line.message, line.fields);
    }
    if (loaded.kind === "exit") return writeExit(loaded, io);
    return await serve(loaded, log.logger, parts);
  } finally {
    log.close();
  }
}

function writeExit(loaded: LoadedExit, io: ServerIo): number {
  if (loaded.stderr !== "") io.stderr.write(loaded.stderr);
  if (loaded.stdout !== "") io.stdout.write(loaded.stdout);
  return loaded.code;
}

interface Log {
  readonly logger: Logger;
  /** For what is said before the logging options are known. */
  readonly early: Logger;
  close(): void;
}

/** Opens the log; without one, says why on standard error and answers undefined. */
function openLog(
  logging: LoggingConfig | undefined,
  io: ServerIo,
  lines: readonly ConfigLine[],
): Log | undefined {
  const early = createLogger({ level: "info", format: "json", outputs: ["stderr"] }, io);
  if (logging === undefined) return { logger: early.logger, early: early.logger, close: () => {} };
  try {
    const { logger, outputs } = createLogger(logging, io);
    return { logger, early: early.logger, close: () => outputs.close() };
  } catch (error) {
    if (!(error instanceof LogOutputError)) throw error;
    const running = lines.find((line) => line.message === "Running: ");
    early.logger.log("info", CALLER, "Running: ", running?.fields ?? {});
    const reason = `open sink "${error.output}": open ${error.output}: ${systemErrorText(error.cause)}`;
    early.logger.log("warn", CALLER, "failed to verify flags", { error: reason });
    return undefined;
  }
}

function createLogger(
  logging: LoggingConfig,
  io: ServerIo,
): { readonly logger: Logger; readonly outputs: LogOutputs } {
  const outputs = openLogOutputs(logging.outputs, { stdout: io.stdout, stderr: io.stderr });
  const { level, format } = logging;
  const logger = new ServerLogger({ level, format, sinks: outputs.sinks, clock: systemClock });
  return { logger, outputs };
}

async function serve(loaded: LoadedRun, logger: Logger, parts: RunServerParts): Promise<number> {
  let server: RunningServer;
  try {
    server = await parts.start(loaded.config, logger);
  } catch (error) {
    // etcd's last words, whatever the reason was.
    logger.log("fatal", CALLER, "discovery failed", { error: errorText(error) });
    return ExitCode.refused;
  }
  const signals = catchStopSignals(parts.signals);
  try {
    return await waitForEnd(server, signals, logger);
  } finally {
    signals.release();
  }
}

async function waitForEnd(
  server: RunningServer,
  signals: StopSignals,
  logger: Logger,
): Promise<number> {
  const failed = server.failed.then(
    (error) => ({ error }),
    (error: unknown) => ({ error }),
  );
  const end = await Promise.race([signals.received, failed]);
  if (typeof end !== "string") {
    logger.log("fatal", CALLER, "server failed", { error: errorText(end.error) });
    return ExitCode.refused;
  }
  const signal = describeSignal(end);
  logger.log("info", CALLER, "received signal; shutting down", { signal });
  try {
    await server.stop();
  } catch (error) {
    logger.log("fatal", CALLER, "stopping failed", { error: errorText(error) });
    return ExitCode.refused;
  }
  signals.finish(end);
  return ExitCode.ok;
}
