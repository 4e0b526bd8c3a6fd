// SPDX-License-Identifier: Apache-2.0

import fs from "node:fs";
import { dirname } from "node:path";
import { errorCode, systemErrorText } from "../../base/system-error.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";

const FILE_MODE = 0o600;
/** A snapshot is a database, whose size is a multiple of this, and a hash. */
const SIZE_UNIT = 512;
const HASH_BYTES = 32;

/** A snapshot on its way into a file, which gets its name when it is whole and durable. */
export class PartFile {
  readonly path: string;
  readonly #target: string;
  readonly #descriptor: number;
  #isOpen = true;
  #isPlaced = false;
  sizeBytes = 0;

  private constructor(target: string, path: string, descriptor: number) {
    this.#target = target;
    this.path = path;
    this.#descriptor = descriptor;
  }

  static create(target: string): PartFile {
    const path = `${target}.part`;
    try {
      return new PartFile(target, path, fs.openSync(path, "w", FILE_MODE));
    } catch (error) {
      throw failed(`could not open ${path} (open ${path}: ${reason(error)})`, error);
    }
  }

  append(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += fs.writeSync(this.#descriptor, bytes, done, bytes.length - done);
      }
    } catch (error) {
      throw failed(`write ${this.path}: ${reason(error)}`, error);
    }
    this.sizeBytes += bytes.length;
  }

  /** Makes what was written durable, and refuses it when its size shows that there is no hash. */
  finish(): void {
    try {
      fs.fsyncSync(this.#descriptor);
    } catch (error) {
      throw failed(`could not fsync ${this.path} (${reason(error)})`, error);
    }
    if (this.sizeBytes % SIZE_UNIT !== HASH_BYTES) {
      throw failed(`sha256 checksum not found [bytes: ${this.sizeBytes}]`);
    }
    this.#close();
  }

  place(): void {
    const [path, target] = [this.path, this.#target];
    try {
      fs.renameSync(path, target);
    } catch (error) {
      const text = `rename ${path} ${target}: ${reason(error)}`;
      throw failed(`could not rename ${path} to ${target} (${text})`, error);
    }
    this.#isPlaced = true;
    syncDirectory(dirname(target));
  }

  /** Removes what did not get its name. */
  discard(): void {
    this.#close();
    if (!this.#isPlaced) fs.rmSync(this.path, { force: true });
  }

  #close(): void {
    if (this.#isOpen) fs.closeSync(this.#descriptor);
    this.#isOpen = false;
  }
}

function syncDirectory(path: string): void {
  const descriptor = fs.openSync(path, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function reason(error: unknown): string {
  // A directory in the way is a file that exists, as it is to a rename.
  return errorCode(error) === "EISDIR" ? "file exists" : systemErrorText(error);
}

function failed(message: string, cause?: unknown): CommandFailure {
  return new CommandFailure(ExitCode.interrupted, message, { cause });
}
