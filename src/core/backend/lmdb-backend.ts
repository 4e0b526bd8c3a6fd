// SPDX-License-Identifier: Apache-2.0

import { extname } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import {
  type Backend,
  BackendError,
  type BackendOptions,
  LayoutError,
  type RowVisitor,
} from "./backend.ts";
import type { BaseStore, BaseView } from "./base-store.ts";
import { BufferedBackend } from "./buffered-backend.ts";
import { LmdbEnvironment } from "./lmdb.ts";
import type { WriterAnswer, WriterRequest } from "./lmdb-writer.ts";
import type { OperationLog } from "./operation-log.ts";

interface Waiting {
  readonly expected: WriterAnswer["kind"];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The thread that writes; one request at a time. */
class Writer {
  readonly #worker: Worker;
  #waiting: Waiting | undefined;
  #failure: Error | undefined;

  constructor(directory: string) {
    const url = new URL(`./lmdb-writer${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(url, { workerData: directory, name: "backend writer" });
    this.#worker.unref();
    this.#worker.on("message", (answer: WriterAnswer) => this.#answered(answer));
    this.#worker.on("error", (error) =>
      this.#fail(new BackendError("the writer thread failed", { cause: error })),
    );
    this.#worker.on("exit", () => this.#fail(new BackendError("the writer thread has ended")));
  }

  ready(): Promise<void> {
    return this.#expect("ready");
  }

  send(lane: "rows" | "index", chunk: ArrayBuffer): void {
    this.#post({ kind: "chunk", lane, chunk }, [chunk]);
  }

  /** Writes what was sent. */
  write(): Promise<void> {
    const answered = this.#expect("written");
    this.#post({ kind: "write" }, []);
    return answered;
  }

  async close(): Promise<void> {
    if (this.#failure === undefined) {
      const answered = this.#expect("closed");
      this.#post({ kind: "close" }, []);
      await answered;
    }
    await this.#worker.terminate();
  }

  #post(request: WriterRequest, transfer: ArrayBuffer[]): void {
    this.#worker.ref();
    this.#worker.postMessage(request, transfer);
  }

  #expect(expected: WriterAnswer["kind"]): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { expected, resolve, reject };
    });
  }

  #answered(answer: WriterAnswer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#worker.unref();
    if (answer.kind === waiting?.expected) waiting.resolve();
    else {
      const text = answer.kind === "failed" ? answer.message : `unexpected ${answer.kind}`;
      waiting?.reject(new BackendError(text));
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

class LmdbBase implements BaseStore {
  readonly #environment: LmdbEnvironment;
  readonly #writer: Writer;

  constructor(environment: LmdbEnvironment, writer: Writer) {
    this.#environment = environment;
    this.#writer = writer;
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
    this.#environment.hold();
    await this.#writer.write();
    this.#environment.refresh();
  }

  /** Copies a chunk per turn, so that the loop is never held for more than one. */
  async #send(lane: "rows" | "index", log: OperationLog): Promise<void> {
    for (let chunk = 0; chunk < log.chunkCount; chunk++) {
      if (chunk > 0) await nextTurn();
      this.#writer.send(lane, log.copyChunk(chunk));
    }
  }

  pin(): BaseView {
    return this.#environment.pin();
  }

  sizeBytes(): number {
    return this.#environment.sizeBytes();
  }

  sizeInUseBytes(): number {
    return this.#environment.sizeInUseBytes();
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#environment.close();
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
    const environment = new LmdbEnvironment(directory);
    const writer = new Writer(directory);
    await writer.ready();
    return new BufferedBackend(new LmdbBase(environment, writer), options);
  } catch (cause) {
    if (cause instanceof LayoutError) throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new BackendError(`open the backend in ${directory}: ${text}`, { cause });
  }
}
