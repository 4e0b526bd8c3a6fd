// SPDX-License-Identifier: Apache-2.0

/** What makes a running server visible: log lines in etcd's shape, and metrics under its names. */
export {
  LogOutputError,
  type LogOutputs,
  type LogSink,
  openLogOutputs,
  ServerLogger,
  type ServerLoggerOptions,
  type StandardStream,
  type StandardStreams,
} from "./logger.ts";
