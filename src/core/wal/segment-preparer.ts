// SPDX-License-Identifier: Apache-2.0

import type { Disk, DiskFile } from "../../base/contracts/disk.ts";

/** Written and synced in one step: small enough not to hold up the commits beside it. */
const STEP_BYTES = 1 << 20;
/** Bytes prepared for each byte that is used of the current segment. */
const PACE = 2;

export interface PreparedSegment {
  readonly file: DiskFile;
  readonly path: string;
  /** Up to here the file has blocks of its own, all zero. */
  readonly filledBytes: number;
}

/**
 * Readies the next segment beside the current one: a file of full length whose blocks are
 * written with zeros, because a sync after overwriting such blocks is about a third cheaper than
 * one that has to allocate them. The work keeps pace with the current segment, two bytes for
 * one, so it is done half way, costs nothing while nobody writes and never comes in one lump.
 * The names `0.tmp` and `1.tmp` alternate, as in etcd.
 */
export class SegmentPreparer {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #segmentBytes: number;
  #count = 0;
  #file: DiskFile | undefined;
  #path = "";
  #filled = 0;
  #target = 0;
  #step: Promise<void> | undefined;
  #isGivenUp = false;
  #isHeld = false;

  constructor(disk: Disk, directory: string, segmentBytes: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    for (const name of ["0.tmp", "1.tmp"]) disk.removeTree(`${directory}/${name}`);
  }

  /** Goes on preparing, now that `usedBytes` of the current segment are used. Does not throw. */
  advance(usedBytes: number): void {
    this.#target = Math.min(this.#segmentBytes, usedBytes * PACE);
    if (this.#step !== undefined || this.#isGivenUp || this.#isHeld) return;
    if (this.#filled < this.#target) this.#step = this.#run();
  }

  /** Stops after the step that is running; settles when `take` may be called. */
  async hold(): Promise<void> {
    this.#isHeld = true;
    await this.#step;
  }

  get isBusy(): boolean {
    return this.#step !== undefined;
  }

  /** The file as far as it was prepared. A failed preparation shows here, as `create` throws. */
  take(): PreparedSegment {
    const file = this.#file ?? this.#create();
    const prepared = { file, path: this.#path, filledBytes: this.#filled };
    this.#file = undefined;
    this.#filled = 0;
    this.#target = 0;
    this.#isGivenUp = false;
    this.#isHeld = false;
    return prepared;
  }

  /** Removes what was prepared and not taken. */
  discard(): void {
    this.#isGivenUp = true;
    if (this.#file === undefined) return;
    this.#file.close();
    this.#file = undefined;
    this.#filled = 0;
    this.#disk.removeTree(this.#path);
  }

  async #run(): Promise<void> {
    try {
      while (this.#filled < this.#target && !this.#isGivenUp && !this.#isHeld) {
        const file = this.#file ?? this.#create();
        const size = Math.min(STEP_BYTES, this.#segmentBytes - this.#filled);
        await file.fillZeros(this.#filled, size);
        if (this.#isGivenUp) return;
        await file.datasync();
        this.#filled += size;
      }
    } catch {
      this.#giveUp();
    } finally {
      this.#step = undefined;
    }
  }

  /**
   * Preparing is a convenience. Whether the disk is really full or broken shows when the segment
   * is cut and the file is made or written again, with the error that counts.
   */
  #giveUp(): void {
    try {
      this.discard();
    } catch {
      // The same disk failed again; the left-over file is overwritten by the next preparation.
      this.#file = undefined;
      this.#filled = 0;
    }
  }

  #create(): DiskFile {
    this.#path = `${this.#directory}/${this.#count++ % 2}.tmp`;
    const file = this.#disk.open(this.#path, "create", 0o600);
    this.#file = file;
    this.#filled = 0;
    file.truncate(this.#segmentBytes);
    return file;
  }
}
