// SPDX-License-Identifier: Apache-2.0

/** A snapshot file that cannot be what was written. The message names file and deviation. */
export class SnapError extends Error {
  override readonly name = "SnapError";
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`snap: ${file}: ${problem}`, options);
    this.file = file;
  }
}
