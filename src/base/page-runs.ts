// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "./contracts/disk.ts";

/** How much is collected before it is written. */
const CHUNK_BYTES = 256 * 1024;

/** Pages of a file, one after the other from some page on. Keeps one chunk of them. */
export class PageRuns {
  readonly #sink: Pick<DiskFile, "write">;
  readonly #pageBytes: number;
  readonly #chunk: Uint8Array;
  readonly #chunkView: DataView;
  #chunkPage: number;
  #used = 0;
  /** Where the last run that was begun is written, and a view of that memory. */
  bytes: Uint8Array;
  view: DataView;
  at = 0;
  /** A run that is larger than a chunk, waiting to be written. */
  #hasLarge = false;

  /** `firstPage`: where the pages begin. */
  constructor(sink: Pick<DiskFile, "write">, pageBytes: number, firstPage: number) {
    this.#chunkPage = firstPage;
    this.#sink = sink;
    this.#pageBytes = pageBytes;
    this.#chunk = new Uint8Array(Math.max(CHUNK_BYTES, pageBytes));
    this.#chunkView = new DataView(this.#chunk.buffer);
    this.bytes = this.#chunk;
    this.view = this.#chunkView;
  }

  /** The page that comes next; once all are written, how many there are. */
  get nextPage(): number {
    return this.#chunkPage + this.#used / this.#pageBytes;
  }

  /**
   * Begins as many pages as hold so many bytes, and gives the number of the first. The caller
   * fills them, in `bytes` from `at` on, before the next call; what is left is zero.
   */
  take(usedBytes: number): number {
    const pages = Math.ceil(usedBytes / this.#pageBytes);
    const runBytes = pages * this.#pageBytes;
    if (this.#hasLarge || this.#used + runBytes > this.#chunk.length) this.flush();
    if (runBytes > this.#chunk.length) {
      this.bytes = new Uint8Array(runBytes);
      this.view = new DataView(this.bytes.buffer);
      this.#hasLarge = true;
    }
    const first = this.nextPage;
    this.at = this.#used;
    this.bytes.fill(0, this.at + usedBytes, this.at + runBytes);
    this.#used += runBytes;
    return first;
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
