// SPDX-License-Identifier: Apache-2.0

/** How bad a finding is: a member deals with a warning by itself, an error needs a hand. */
export type Severity = "warning" | "error";

/** Something in a member's files that should not be so: where, why, and what to do. */
export interface Finding {
  readonly severity: Severity;
  /** Path of the file or directory. */
  readonly file: string;
  /** Byte offset in it. */
  readonly offset?: number | undefined;
  /** The number of the record there, from 1. */
  readonly record?: number | undefined;
  readonly problem: string;
  readonly remedy: string;
}

/** After so many findings the others are only counted. */
export const FINDINGS_MAX = 200;

/** Collects findings in the order in which they are made. */
export class Findings {
  readonly #list: Finding[] = [];
  #errors = 0;
  #warnings = 0;

  get list(): readonly Finding[] {
    return this.#list;
  }
  get errors(): number {
    return this.#errors;
  }
  get warnings(): number {
    return this.#warnings;
  }

  add(finding: Finding): void {
    if (finding.severity === "error") this.#errors++;
    else this.#warnings++;
    if (this.#list.length < FINDINGS_MAX) this.#list.push(finding);
  }

  error(file: string, problem: string, remedy: string): void {
    this.add({ severity: "error", file, problem, remedy });
  }

  warning(file: string, problem: string, remedy: string): void {
    this.add({ severity: "warning", file, problem, remedy });
  }
}

/** `<file> at offset <n> (record <n>)`, as far as known. */
export function findingPlace({ file, offset, record }: Finding): string {
  const at = offset === undefined ? "" : ` at offset ${offset}`;
  return `${file}${at}${record === undefined ? "" : ` (record ${record})`}`;
}

/** The advice for files of which a part is lost for good. */
export const REMEDY_RESTORE =
  "restore the whole data directory from one copy or a snapshot, or remove the member and add it " +
  "again with an empty data directory";
