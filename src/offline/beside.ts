// SPDX-License-Identifier: Apache-2.0

import { basename, dirname, join } from "node:path";
import type { Disk } from "../base/contracts/disk.ts";
import { FileLock, LockHeldError } from "../platform/file-lock.ts";
import { OfflineError } from "./errors.ts";

const DIRECTORY_MODE = 0o700;
const SUFFIX = ".unfinished";

/**
 * A directory that is built under another name beside its target and takes the target's name when
 * it is whole. What a killed process has left there is cleared away by the next one that builds
 * the same target; two at once exclude each other.
 */
export class Beside {
  /** Where to build; an empty directory. */
  readonly path: string;
  readonly #disk: Disk;
  readonly #target: string;
  readonly #frame: string;
  readonly #lock: FileLock;

  private constructor(disk: Disk, target: string, frame: string, lock: FileLock) {
    this.#disk = disk;
    this.#target = target;
    this.#frame = frame;
    this.#lock = lock;
    this.path = join(frame, basename(target));
  }

  /** `target` is absolute; it is absent or an empty directory. */
  static async open(disk: Disk, target: string): Promise<Beside> {
    const frame = `${target}${SUFFIX}`;
    disk.makeDirectory(frame, DIRECTORY_MODE);
    const beside = new Beside(disk, target, frame, await lock(frame));
    disk.removeTree(beside.path);
    disk.makeDirectory(beside.path, DIRECTORY_MODE);
    return beside;
  }

  /** Gives the directory its name, durably. */
  place(): void {
    this.#disk.syncDirectory(this.path);
    this.#disk.rename(this.path, this.#target);
    this.#disk.syncDirectory(dirname(this.#target));
  }

  /** Takes the name away again, for a directory that is of no use without another one. */
  takeBack(): void {
    this.#disk.rename(this.#target, this.path);
  }

  /** Removes whatever is still under the other name. */
  async close(): Promise<void> {
    try {
      this.#disk.removeTree(this.path);
    } finally {
      await this.#lock.release();
    }
    this.#disk.removeTree(this.#frame);
  }
}

async function lock(frame: string): Promise<FileLock> {
  try {
    return await FileLock.acquire(frame);
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    const text = `${frame} is in use by ${cause.holder}, which builds the same directory`;
    throw new OfflineError(`${text}; wait for it, or stop it`, { cause });
  }
}
