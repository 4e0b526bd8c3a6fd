// SPDX-License-Identifier: Apache-2.0

import { setImmediate as nextTurn } from "node:timers/promises";
import { errorText } from "../../base/error-text.ts";
import {
  type Backend,
  BackendError,
  type BackendOptions,
  DEFRAGMENT_SPARE_BYTES,
  DefragmentError,
  LayoutError,
  type RowVisitor,
  StoreSpaceError,
} from "./backend.ts";
import type { BaseStore, BaseView } from "./base-store.ts";
import { BufferedBackend } from "./buffered-backend.ts";
import { LmdbEnvironment } from "./lmdb.ts";
import { removeLeftovers } from "./lmdb-compaction.ts";
import { requireSpace, writeFailure } from "./lmdb-space.ts";
import { WriterLink } from "./lmdb-writer-link.ts";
import type { OperationLog } from "./operation-log.ts";

/** An environment to read from, and how many views of it are open. */
interface Reading {
  readonly environment: LmdbEnvironment;
  views: number;
}

class LmdbBase implements BaseStore {
  readonly #directory: string;
  readonly #spareBytes: number;
  readonly #writer: WriterLink;
  #reading: Reading;
  /** The end of what is done now that nothing may be done beside. */
  #exclusive: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    directory: string,
    environment: LmdbEnvironment,
    writer: WriterLink,
    spareBytes: number,
  ) {
    this.#directory = directory;
    this.#reading = { environment, views: 0 };
    this.#writer = writer;
    this.#spareBytes = spareBytes;
  }

  get #environment(): LmdbEnvironment {
    return this.#reading.environment;
  }

  get(table: number, key: Uint8Array): Uint8Array | undefined {
    return this.#environment.get(table, key);
  }

  scan(table: number, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): boolean {
    return this.#environment.scan(table, from, to, visit);
  }

  count(table: number, from: Uint8Array, to: Uint8Array | undefined): number {
    return this.#environment.count(table, from, to);
  }

  rows(table: number): number {
    return this.#environment.rows(table);
  }

  lastKey(table: number): Uint8Array | undefined {
    return this.#environment.lastKey(table);
  }

  async write(rows: OperationLog, index: OperationLog | undefined): Promise<void> {
    await this.#send("rows", rows);
    if (index !== undefined) await this.#send("index", index);
    await this.#exclusively(async () => {
      this.#environment.hold();
      await this.#writer.write().catch((cause: unknown) => {
        throw writeFailure(this.#directory, cause);
      });
      this.#environment.refresh();
    });
  }

  async compact(): Promise<void> {
    await this.#writer.copy(this.#spareBytes);
    const replaced = await this.#exclusively(async () => {
      if (this.#isClosed) throw new DefragmentError("the backend is closed");
      await this.#writer.swap();
      const before = this.#reading;
      this.#reading = { environment: new LmdbEnvironment(this.#directory), views: 0 };
      return before;
    });
    this.#giveBack(replaced);
  }

  /** Closes an environment that is not read any more, here first: the writer does the work. */
  #giveBack(reading: Reading): void {
    if (reading === this.#reading || reading.views > 0 || this.#isClosed) return;
    void reading.environment.close().then(() => this.#writer.release());
  }

  async #exclusively<T>(action: () => Promise<T>): Promise<T> {
    const before = this.#exclusive;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exclusive = promise;
    await before;
    try {
      return await action();
    } finally {
      resolve();
    }
  }

  /** Copies a parcel per turn, so that the loop is never held for more than one. */
  async #send(lane: "rows" | "index", log: OperationLog): Promise<void> {
    for (let chunk = 0; chunk < log.chunkCount; ) {
      if (chunk > 0) await nextTurn();
      chunk = this.#writer.send(lane, log, chunk);
    }
  }

  pin(): BaseView {
    const reading = this.#reading;
    const view = reading.environment.pin();
    reading.views++;
    return {
      scan: (table, from, to, visit) => view.scan(table, from, to, visit),
      close: () => {
        view.close();
        reading.views--;
        this.#giveBack(reading);
      },
    };
  }

  sizeBytes(): number {
    return this.#environment.sizeBytes();
  }

  sizeInUseBytes(): number {
    return this.#environment.sizeInUseBytes();
  }

  async close(): Promise<void> {
    await this.#exclusively(async () => {
      this.#isClosed = true;
      await this.#writer.close();
      await this.#environment.close();
    });
  }
}

/**
 * Makes an empty store in a directory, for `LmdbLoad` to fill. Throws a `BackendError` when that
 * cannot be done.
 */
export async function createLmdbStore(directory: string): Promise<void> {
  requireSpace(directory);
  try {
    await new LmdbEnvironment(directory).close();
  } catch (cause) {
    const text = errorText(cause);
    throw new BackendError(`make a store in ${directory}: ${text}`, { cause });
  }
}

/**
 * Opens the live store in a directory, which is created when missing. Throws a `BackendError`
 * when it cannot be opened.
 */
export async function openLmdbBackend(
  directory: string,
  options: BackendOptions = {},
): Promise<Backend> {
  try {
    removeLeftovers(directory);
    requireSpace(directory);
    const environment = new LmdbEnvironment(directory);
    const writer = new WriterLink(directory);
    await writer.ready();
    const spareBytes = options.defragmentSpareBytes ?? DEFRAGMENT_SPARE_BYTES;
    return new BufferedBackend(new LmdbBase(directory, environment, writer, spareBytes), options);
  } catch (cause) {
    if (cause instanceof LayoutError || cause instanceof StoreSpaceError) throw cause;
    const text = errorText(cause);
    throw new BackendError(`open the backend in ${directory}: ${text}`, { cause });
  }
}
