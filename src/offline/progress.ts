// SPDX-License-Identifier: Apache-2.0

import type { ByteSource } from "../core/bolt/index.ts";

/** How far a long work has come, in bytes. */
export type ReportProgress = (done: number, total: number) => void;

const REPORT_BYTES = 4 << 20;

/** Passes on what is some megabytes further than what was passed on before. */
export function seldom(report: ReportProgress): ReportProgress {
  let told = 0;
  return (done, total) => {
    if (done - told < REPORT_BYTES) return;
    told = done;
    report(done, total);
  };
}

/** A file that tells how much of it has been read, at a work that reads it whole some times. */
export class CountedSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #total: number;
  readonly #report: ReportProgress;
  #done = 0;

  constructor(source: ByteSource, passes: number, report: ReportProgress) {
    this.#source = source;
    this.#total = source.size() * passes;
    this.#report = seldom(report);
  }

  get path(): string {
    return this.#source.path;
  }

  size(): number {
    return this.#source.size();
  }

  readInto(target: Uint8Array, position: number): number {
    const count = this.#source.readInto(target, position);
    this.#done = Math.min(this.#done + count, this.#total);
    this.#report(this.#done, this.#total);
    return count;
  }
}
