// SPDX-License-Identifier: Apache-2.0
//
// How the store is written anew without gaps while the member goes on.
//
// The writer thread, the only one that changes the store, copies all tables in order into a second
// environment in `<store>.compacting`, a step at a time. Commits are executed between steps, first
// in the store and then, as far as they concern rows that have been copied, in the copy (`follow`);
// what lies ahead of the copy is found there by a later step. So after each step and each commit
// the copy equals the part of the store up to its front, without a view that pins old pages and
// without anything to be remembered, and once the front has passed the last table it equals the
// store. A step takes at least twice as much as was committed since the last one, so it gets there.
//
// The swap is made while no commit is under way. Everything in the copy is flushed by then, each
// step and each commit for itself. Renaming its `data.mdb` over that of the store is the one moment
// at which the store changes, and both files hold the same state at it:
//   - killed before, the next start finds the old file, untouched, and removes the copy;
//   - killed afterwards, it finds the new one, whole and flushed;
//   - after a power failure either, until the directory is synced. No commit is taken before that,
//     so both still hold everything that was ever acknowledged. When that sync fails, nobody knows
//     which of the two a later start will find, and the store takes no more commits.
// The lock file follows the data file. It says nothing once no process has the store open, so it
// does not matter when a crash parts the two. All threads find their environment by the inode of
// the data file, so views of the old one stay what they are until they are closed; then the writer
// thread closes it, since giving back a large file takes its time.
//
// The copy must not take the space that the log needs: it is not begun when there is too little,
// and given up when it becomes too little.

import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { invariant } from "../../base/invariant.ts";
import { LmdbEnvironment } from "./lmdb.ts";
import { spaceLeft } from "./lmdb-space.ts";
import { OperationLog } from "./operation-log.ts";
import { TABLES } from "./tables.ts";

/** So much is copied between two commits, and more when they are larger. */
const STEP_BYTES = 2 * 1024 * 1024;
const START = new Uint8Array(0);
const FILES = ["data.mdb", "lock.mdb"] as const;

/** Where the copy of a store is made. */
export function compactingDirectory(store: string): string {
  return `${store}.compacting`;
}

/** Removes what a crash has left of a copy. */
export function removeLeftovers(store: string): void {
  rmSync(compactingDirectory(store), { recursive: true, force: true });
}

export class StoreCopy {
  readonly environment: LmdbEnvironment;
  readonly #source: LmdbEnvironment;
  readonly #store: string;
  readonly #spareBytes: number;
  /** Tables before this one are copied, and of this one the rows up to `#last`. */
  #table = 0;
  #last: Uint8Array | undefined;
  #committedBytes = 0;
  #isPlaced = false;

  /** Throws when it cannot be begun. `spareBytes` stay free on the disk. */
  constructor(source: LmdbEnvironment, store: string, spareBytes: number) {
    this.#source = source;
    this.#store = store;
    this.#spareBytes = spareBytes;
    removeLeftovers(store);
    this.#checkSpace(source.sizeInUseBytes());
    this.environment = new LmdbEnvironment(compactingDirectory(store));
  }

  get isComplete(): boolean {
    return this.#table === TABLES.length;
  }

  /** Whether the copy is what the store's name leads to. */
  get isPlaced(): boolean {
    return this.#isPlaced;
  }

  /** Copies the next rows, durably. */
  step(): void {
    const wanted = Math.max(STEP_BYTES, 2 * this.#committedBytes);
    this.#committedBytes = 0;
    this.#checkSpace(wanted);
    const log = new OperationLog();
    this.#source.refresh();
    while (!this.isComplete && log.bytes < wanted) this.#gather(log, wanted);
    // A view that is left open would keep the store from using its free pages again.
    this.#source.refresh();
    this.environment.append(log.chunks());
  }

  /** Repeats a commit of the store, durably, as far as it concerns what has been copied. */
  follow(rows: readonly Uint8Array[], index: readonly Uint8Array[]): void {
    for (const chunk of [...rows, ...index]) this.#committedBytes += chunk.byteLength;
    this.environment.write(rows, this.#isCopied);
    if (index.length > 0) this.environment.writeIndex(index, this.#isCopied);
  }

  /** Puts the copy, once it is complete, in the place of the store. */
  place(): void {
    invariant(this.isComplete, "a copy takes the store's place when it is complete");
    const from = compactingDirectory(this.#store);
    for (const file of FILES) {
      renameSync(join(from, file), join(this.#store, file));
      this.#isPlaced = true;
    }
    const directory = openSync(this.#store, "r");
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
    removeLeftovers(this.#store);
  }

  /** Gives the copy up. */
  async discard(): Promise<void> {
    await this.environment.close();
    removeLeftovers(this.#store);
  }

  /** Gathers rows of the current table, as many as there are or as are wanted. */
  #gather(log: OperationLog, wanted: number): void {
    const table = this.#table;
    const from = this.#last === undefined ? START : Buffer.concat([this.#last, Uint8Array.of(0)]);
    const isEnd = this.#source.scan(table, from, undefined, (keys, start, end, values, at, to) => {
      const key = Uint8Array.prototype.slice.call(keys, start, end);
      const operation = log.beginPut(table, key, to - at);
      const valueStart = log.valueStart(operation);
      log.buffer(operation).set(values.subarray(at, to), valueStart);
      log.finishPut(valueStart + to - at);
      this.#last = key;
      return log.bytes < wanted;
    });
    if (!isEnd) return;
    this.#table++;
    this.#last = undefined;
  }

  readonly #isCopied = (
    table: number,
    buffer: Buffer,
    keyStart: number,
    keyEnd: number,
  ): boolean => {
    if (table !== this.#table) return table < this.#table;
    if (this.#last === undefined) return false;
    return buffer.compare(this.#last, 0, this.#last.length, keyStart, keyEnd) <= 0;
  };

  #checkSpace(neededBytes: number): void {
    const free = spaceLeft(this.#store);
    if (free >= neededBytes + this.#spareBytes) return;
    throw new Error(
      `no space left for the copy beside ${this.#store}: it takes ${neededBytes} bytes more and ` +
        `${this.#spareBytes} must stay free, but there are ${free}; make room on the disk`,
    );
  }
}
