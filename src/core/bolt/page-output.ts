// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../../base/contracts/disk.ts";
import { PageRuns } from "../../base/page-runs.ts";
import { FIRST_DATA_PAGE, HEADER_BYTES, writeUint64 } from "./format.ts";

/** What a writer needs of a file. Only the two meta pages are written out of order, at the end. */
export type ByteSink = Pick<DiskFile, "path" | "write" | "datasyncNow">;

/** The pages of a file behind the metas, one after the other. */
export class PageOutput extends PageRuns {
  readonly #bytesPerPage: number;

  /** `firstPage`: where the pages begin. */
  constructor(sink: Pick<ByteSink, "write">, pageBytes: number, firstPage = FIRST_DATA_PAGE) {
    super(sink, pageBytes, firstPage);
    this.#bytesPerPage = pageBytes;
  }

  /**
   * Begins a page of so many bytes, header included, writes its header and gives its number. The
   * caller fills the rest, in `bytes` from `at` on, before the next call; what is left is zero.
   */
  begin(kind: number, count: number, usedBytes: number): number {
    const id = this.take(usedBytes);
    const pages = Math.ceil(usedBytes / this.#bytesPerPage);
    writeUint64(this.view, this.at, id);
    this.view.setUint16(this.at + 8, kind, true);
    this.view.setUint16(this.at + 10, count, true);
    this.view.setUint32(this.at + 12, pages - 1, true);
    this.at += HEADER_BYTES;
    return id;
  }
}
