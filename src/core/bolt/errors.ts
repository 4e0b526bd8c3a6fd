// SPDX-License-Identifier: Apache-2.0

/** A database file that cannot be what was written. The message names file, page and deviation. */
export class BoltError extends Error {
  override readonly name = "BoltError";
  readonly file: string;
  /** The page at fault; undefined when it is the file as a whole. */
  readonly page: number | undefined;
  readonly problem: string;

  constructor(file: string, page: number | undefined, problem: string, options?: ErrorOptions) {
    super(`bolt: ${file}: ${page === undefined ? "" : `page ${page}: `}${problem}`, options);
    this.file = file;
    this.page = page;
    this.problem = problem;
  }
}
