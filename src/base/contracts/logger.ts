// SPDX-License-Identifier: Apache-2.0

export type LogLevel = "debug" | "info" | "warn" | "error" | "panic" | "fatal";

/** Structured fields of a log line: JSON-ready values; `undefined` is left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A logger in etcd's shape: a message and fields. `caller` is the emitting file's short name. */
export interface Logger {
  enabled(level: LogLevel): boolean;
  log(level: LogLevel, caller: string, message: string, fields?: LogFields): void;
}

/** Discards everything: for tests and tools. */
export const silentLogger: Logger = { enabled: () => false, log: () => {} };
