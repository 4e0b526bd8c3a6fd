// SPDX-License-Identifier: Apache-2.0

import { WireReader } from "../../base/wire-reader.ts";
import type { BoltCursor, BoltReader } from "../bolt/index.ts";
import { EtcdDbError } from "./errors.ts";
import { type RowRevision, readRevisionKey, revisionKey } from "./revision-key.ts";

const KEY_TAG = 10;

/** A scan of the bucket `key`, row by row in the order of revisions. Fields hold the current row. */
export class KeyRows {
  readonly #file: string;
  readonly #cursor: BoltCursor | undefined;
  readonly #revision: RowRevision = { main: 0, sub: 0, isTombstone: false };
  /** Where the user's key is in `bytes`, once `readUserKey` has been called. */
  userKeyStart = 0;
  userKeyEnd = 0;

  constructor(reader: BoltReader) {
    this.#file = reader.source.path;
    this.#cursor = reader.bucket("key")?.cursor();
  }

  get main(): number {
    return this.#revision.main;
  }
  get sub(): number {
    return this.#revision.sub;
  }
  get isTombstone(): boolean {
    return this.#revision.isTombstone;
  }
  get bytes(): Uint8Array {
    return this.#at.bytes;
  }
  /** Where the row is in `bytes`: revision, then the encoded pair. */
  get start(): number {
    return this.#at.keyStart;
  }
  get valueStart(): number {
    return this.#at.keyEnd;
  }
  get end(): number {
    return this.#at.valueEnd;
  }

  first(): boolean {
    return this.#cursor?.first() === true && this.#read();
  }
  last(): boolean {
    return this.#cursor?.last() === true && this.#read();
  }
  next(): boolean {
    return this.#at.next() && this.#read();
  }
  previous(): boolean {
    return this.#at.previous() && this.#read();
  }
  /** Moves to the first row of revision `main` or a later one. */
  seek(main: number): boolean {
    return this.#cursor?.seek(revisionKey(main, 0)) === true && this.#read();
  }

  /** Finds the user's key in the row; a row without one, as a bumped revision has, gives none. */
  readUserKey(): void {
    const cursor = this.#at;
    const reader = new WireReader(cursor.bytes, cursor.keyEnd, cursor.valueEnd);
    this.userKeyStart = 0;
    this.userKeyEnd = 0;
    try {
      while (reader.position < reader.end) {
        const tag = reader.uint32();
        if (tag !== KEY_TAG) {
          reader.skip(tag);
          continue;
        }
        const end = reader.message();
        this.userKeyStart = reader.position;
        this.userKeyEnd = end;
        reader.position = end;
      }
    } catch (cause) {
      throw this.#error(`revision ${this.main}_${this.sub} holds no key-value pair`, cause);
    }
  }

  get #at(): BoltCursor {
    if (this.#cursor === undefined) throw this.#error("is missing");
    return this.#cursor;
  }

  #read(): boolean {
    const cursor = this.#at;
    if (
      cursor.isBucket ||
      !readRevisionKey(cursor.bytes, cursor.keyStart, cursor.keyEnd, this.#revision)
    ) {
      const key = Buffer.from(cursor.key).toString("hex");
      throw this.#error(`the key ${key} in page ${cursor.page} is no revision`);
    }
    return true;
  }

  #error(problem: string, cause?: unknown): EtcdDbError {
    return new EtcdDbError(this.#file, "key", problem, cause === undefined ? {} : { cause });
  }
}
