// SPDX-License-Identifier: Apache-2.0

/**
 * Where the engine tells what it does, in sentences. The scripted scenarios compare these lines,
 * so their wording is part of the engine's contract. Nothing is logged on the way of a write.
 */
export interface RaftLogger {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export const silentRaftLogger: RaftLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
