// SPDX-License-Identifier: Apache-2.0

/** Offline work that cannot be done: the message names the file, the cause and what to do. */
export class OfflineError extends Error {
  override readonly name = "OfflineError";
}
