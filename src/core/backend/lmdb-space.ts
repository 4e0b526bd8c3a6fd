// SPDX-License-Identifier: Apache-2.0
//
// LMDB maps files that it makes and writes into the map: on a disk without room for them that ends
// the process without a word. So the room is looked at before.

import fs from "node:fs";
import { join } from "node:path";
import { errorText } from "../../base/error-text.ts";
import { BackendError, StoreSpaceError } from "./backend.ts";
import { DATA_FILE } from "./lmdb-format.ts";

const LOCK_FILE = "lock.mdb";
/** A store without rows takes a third of that, once all its tables are made. */
const EMPTY_STORE_BYTES = 256 * 1024;
const LOCK_BYTES = 16 * 1024;
/** With less than that left, what a write lacked was room. */
const FULL_BYTES = 1024 * 1024;

/** Throws a `StoreSpaceError` unless there is room for what opening a store makes. */
export function requireSpace(directory: string): void {
  const data = join(directory, DATA_FILE);
  const isNew = (fs.statSync(data, { throwIfNoEntry: false })?.size ?? 0) === 0;
  const hasLock = fs.existsSync(join(directory, LOCK_FILE));
  const needed = (isNew ? EMPTY_STORE_BYTES : 0) + (hasLock ? 0 : LOCK_BYTES);
  if (needed === 0) return;
  const free = spaceLeft(existingParent(directory));
  if (free >= needed) return;
  throw new StoreSpaceError(
    `no space left on device for the store in ${directory}: opening it takes ${needed} bytes, and ` +
      `${free} are free; make room and try again`,
  );
}

/**
 * Why rows could not be written, and what to do. LMDB calls it an input/output error when the
 * disk takes only a part of them.
 */
export function writeFailure(directory: string, cause: unknown): BackendError {
  return new BackendError(
    `write ${join(directory, DATA_FILE)}: ${writeProblem(directory, cause)}; see to the disk (space, hardware, mount) and ` +
      "start the member again: it continues from its log",
    { cause },
  );
}

function writeProblem(directory: string, cause: unknown): string {
  const text = errorText(cause);
  try {
    const free = spaceLeft(directory);
    return free < FULL_BYTES ? `no space left on device (${free} bytes are free, ${text})` : text;
  } catch {
    // A disk that is broken does not tell its space either; what counts is why the write failed.
    return text;
  }
}

/** Bytes that the disk of this directory has left for us. */
export function spaceLeft(directory: string): number {
  const { bavail, bsize } = fs.statfsSync(directory);
  return bavail * bsize;
}

/** The directory itself, or what it will be made in. */
function existingParent(directory: string): string {
  return fs.existsSync(directory) ? directory : existingParent(join(directory, ".."));
}
