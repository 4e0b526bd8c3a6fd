// SPDX-License-Identifier: Apache-2.0

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { type Backend, BackendError, type RowVisitor } from "./backend.ts";
import type { BaseStore } from "./base-store.ts";
import { BufferedBackend } from "./buffered-backend.ts";
import { LmdbEnvironment } from "./lmdb.ts";
import type { WriterAnswer, WriterRequest } from "./lmdb-writer.ts";

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

  write(chunks: ArrayBuffer[]): Promise<void> {
    const answered = this.#expect("written");
    this.#post({ kind: "write", chunks }, chunks);
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

  lastKey(table: number): Uint8Array | undefined {
    return this.#environment.lastKey(table);
  }

  async write(chunks: ArrayBuffer[]): Promise<void> {
    await this.#writer.write(chunks);
    this.#environment.refresh();
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
export async function openLmdbBackend(directory: string): Promise<Backend> {
  try {
    const environment = new LmdbEnvironment(directory);
    const writer = new Writer(directory);
    await writer.ready();
    return new BufferedBackend(new LmdbBase(environment, writer));
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new BackendError(`open the backend in ${directory}: ${text}`, { cause });
  }
}
