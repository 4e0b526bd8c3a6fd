// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../../base/contracts/disk.ts";
import { FIRST_DATA_PAGE, HEADER_BYTES, viewOf, writeUint64 } from "./format.ts";

/** What a writer needs of a file. Only the two meta pages are written out of order, at the end. */
export type ByteSink = Pick<DiskFile, "path" | "write" | "datasyncNow">;

/** How much is collected before it is written. */
const CHUNK_BYTES = 256 * 1024;

/** The pages of a file behind the metas, one after the other. Keeps one chunk of them. */
export class PageOutput {
  readonly #sink: Pick<ByteSink, "write">;
  readonly #pageBytes: number;
  readonly #chunk: Uint8Array;
  readonly #chunkView: DataView;
  #chunkPage: number;
  #used = 0;
  /** Where the last page that was begun is written, and a view of that memory. */
  bytes: Uint8Array;
  view: DataView;
  at = 0;
  /** A page that is larger than a chunk, waiting to be written. */
  #hasLarge = false;

  /** `firstPage`: where the pages begin. */
  constructor(sink: Pick<ByteSink, "write">, pageBytes: number, firstPage = FIRST_DATA_PAGE) {
    this.#chunkPage = firstPage;
    this.#sink = sink;
    this.#pageBytes = pageBytes;
    this.#chunk = new Uint8Array(Math.max(CHUNK_BYTES, pageBytes));
    this.#chunkView = viewOf(this.#chunk);
    this.bytes = this.#chunk;
    this.view = this.#chunkView;
  }

  /** The page that comes next; once all are written, how many there are. */
  get nextPage(): number {
    return this.#chunkPage + this.#used / this.#pageBytes;
  }

  /**
   * Begins a page of so many bytes, header included, writes its header and gives its number. The
   * caller fills the rest, in `bytes` from `at` on, before the next call; what is left is zero.
   */
  begin(kind: number, count: number, usedBytes: number): number {
    const pages = Math.ceil(usedBytes / this.#pageBytes);
    const runBytes = pages * this.#pageBytes;
    if (this.#hasLarge || this.#used + runBytes > this.#chunk.length) this.flush();
    if (runBytes > this.#chunk.length) {
      this.bytes = new Uint8Array(runBytes);
      this.view = viewOf(this.bytes);
      this.#hasLarge = true;
    }
    const id = this.nextPage;
    this.at = this.#used;
    this.bytes.fill(0, this.at + usedBytes, this.at + runBytes);
    this.#used += runBytes;
    writeUint64(this.view, this.at, id);
    this.view.setUint16(this.at + 8, kind, true);
    this.view.setUint16(this.at + 10, count, true);
    this.view.setUint32(this.at + 12, pages - 1, true);
    this.at += HEADER_BYTES;
    return id;
  }

  /** Hands what is complete to the sink. */
  flush(): void {
    if (this.#used > 0) {
      const bytes =
        this.#used === this.bytes.length ? this.bytes : this.bytes.subarray(0, this.#used);
      this.#sink.write(bytes, this.#chunkPage * this.#pageBytes);
      this.#chunkPage += this.#used / this.#pageBytes;
      this.#used = 0;
    }
    this.bytes = this.#chunk;
    this.view = this.#chunkView;
    this.#hasLarge = false;
  }
}
