// SPDX-License-Identifier: Apache-2.0

import { closeSync, openSync, writeSync } from "node:fs";
import type { Clock } from "../../base/contracts/clock.ts";
import type { LogFields, Logger, LogLevel } from "../../base/contracts/logger.ts";
import { encodeConsole, encodeJson, type LogEncoder } from "./log-encoding.ts";
import { createSampler, type LogSampler } from "./log-sampling.ts";
import { createTimeFormat, localUtcOffset, type UtcOffset } from "./log-time.ts";

/** Takes one finished line; may throw, which counts as a dropped line. */
export type LogSink = (line: string) => void;

export type LogThreshold = LogLevel | "dpanic";

export interface ServerLoggerOptions {
  readonly level: LogThreshold;
  readonly format: "json" | "console";
  readonly sinks: readonly LogSink[];
  readonly clock: Clock;
  /** Left out: the time zone of the machine. */
  readonly utcOffset?: UtcOffset;
  /** Left out: zap's sampling as etcd sets it. */
  readonly sampler?: LogSampler;
}

const severities: Readonly<Record<LogThreshold, number>> = {
  debug: -1,
  info: 0,
  warn: 1,
  error: 2,
  dpanic: 3,
  panic: 4,
  fatal: 5,
};

const noFields: LogFields = {};

/** Writes lines in the shape of etcd's zap logger. Logging never throws. */
export class ServerLogger implements Logger {
  readonly #threshold: number;
  readonly #encode: LogEncoder;
  readonly #sinks: readonly LogSink[];
  readonly #clock: Clock;
  readonly #formatTime: (unixMs: number) => string;
  readonly #sample: LogSampler;
  #dropped = 0;

  constructor(options: ServerLoggerOptions) {
    this.#threshold = severities[options.level];
    this.#encode = options.format === "console" ? encodeConsole : encodeJson;
    this.#sinks = options.sinks;
    this.#clock = options.clock;
    this.#formatTime = createTimeFormat(options.utcOffset ?? localUtcOffset);
    this.#sample = options.sampler ?? createSampler();
  }

  /** Lines lost because a sink failed. */
  get dropped(): number {
    return this.#dropped;
  }

  enabled(level: LogLevel): boolean {
    return severities[level] >= this.#threshold;
  }

  log(level: LogLevel, caller: string, message: string, fields: LogFields = noFields): void {
    if (severities[level] < this.#threshold) return;
    if (!this.#sample(level, message, this.#clock.monotonicMs())) return;
    try {
      const time = this.#formatTime(this.#clock.unixMs());
      const line = this.#encode({ level, time, caller, message, fields });
      for (const sink of this.#sinks) sink(line);
    } catch {
      // A full disk, a closed pipe or a field that cannot be read must not stop the server; the
      // count is what is left to tell.
      this.#dropped += 1;
    }
  }
}

/** Open log outputs, to be closed when the program ends. */
export interface LogOutputs {
  readonly sinks: readonly LogSink[];
  close(): void;
}

/** An output that could not be opened; `cause` is the error of `node:fs`. */
export class LogOutputError extends Error {
  readonly output: string;
  constructor(output: string, cause: unknown) {
    super(`cannot open log output ${output}`, { cause });
    this.name = "LogOutputError";
    this.output = output;
  }
}

const LOG_FILE_MODE = 0o666;

/** A standard stream; lines go to `fd` where there is one, without a stream's buffering. */
export interface StandardStream {
  readonly fd?: number;
  write(text: string): unknown;
}

export interface StandardStreams {
  readonly stdout: StandardStream;
  readonly stderr: StandardStream;
}

function streamSink(stream: StandardStream): LogSink {
  const { fd } = stream;
  return fd === undefined ? (line) => stream.write(line) : (line) => writeAll(fd, line);
}

/** Opens `stderr`, `stdout` and files, which are appended to. Throws `LogOutputError`. */
export function openLogOutputs(outputs: readonly string[], streams: StandardStreams): LogOutputs {
  const opened: number[] = [];
  const close = (): void => {
    for (const fd of opened.splice(0)) closeSync(fd);
  };
  const sinks = outputs.map((output): LogSink => {
    if (output === "stderr") return streamSink(streams.stderr);
    if (output === "stdout") return streamSink(streams.stdout);
    if (output === "/dev/null") return () => {};
    try {
      const fd = openSync(output, "a", LOG_FILE_MODE);
      opened.push(fd);
      return (line) => writeAll(fd, line);
    } catch (error) {
      close();
      throw new LogOutputError(output, error);
    }
  });
  return { sinks, close };
}

function writeAll(fd: number, line: string): void {
  const bytes = Buffer.from(line, "utf8");
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written);
}
