// SPDX-License-Identifier: Apache-2.0

/** What was thrown, as text: an error's message, anything else as it prints. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
