// SPDX-License-Identifier: Apache-2.0

import { Worker } from "node:worker_threads";
import { threadUrl } from "../../base/thread-url.ts";
import { BackendError, DefragmentError } from "./backend.ts";
import type { WriterAnswer, WriterRequest } from "./lmdb-writer.ts";
import type { OperationLog } from "./operation-log.ts";
import { ParcelPacker } from "./parcels.ts";

interface Waiting {
  readonly expected: WriterAnswer["kind"];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The main thread's end of the thread that writes. There is one request at a time, and beside it
 * at most one copy.
 */
export class WriterLink {
  readonly #worker: Worker;
  readonly #packer = new ParcelPacker();
  #waiting: Waiting | undefined;
  /** Who waits for a step of the copy. */
  #copying: Waiting | undefined;
  /** Why there is no copy any more, until somebody asks for its next step. */
  #copyFailure: DefragmentError | undefined;
  #failure: Error | undefined;

  constructor(directory: string) {
    const url = threadUrl("lmdb-writer", import.meta.url);
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

  /** Sends chunks from `first` on, as many as one copy should take; gives where to go on. */
  send(lane: "rows" | "index", log: OperationLog, first: number): number {
    const { parcel, next } = this.#packer.pack(log, first);
    this.#post({ kind: "parcel", lane, parcel }, [parcel.memory]);
    return next;
  }

  /** Writes what was sent. */
  write(): Promise<void> {
    const answered = this.#expect("written");
    this.#post({ kind: "write" });
    return answered;
  }

  /** Makes a copy without gaps; what is written from now on goes into both. */
  copy(spareBytes: number): Promise<void> {
    this.#copyFailure = undefined;
    const answered = this.#expectOfCopy("copied");
    this.#post({ kind: "copy", spareBytes });
    return answered;
  }

  /**
   * Puts the copy in place. Nothing may be written meanwhile. Rejects with a `DefragmentError`
   * when everything is as it was; after any other error nothing can be written any more.
   */
  swap(): Promise<void> {
    const answered = this.#expectOfCopy("swapped");
    this.#post({ kind: "swap" });
    return answered;
  }

  /** What was there before the oldest swap is not read any more. */
  release(): void {
    if (this.#failure === undefined) this.#post({ kind: "release" });
  }

  async close(): Promise<void> {
    if (this.#failure === undefined) {
      const answered = this.#expect("closed");
      this.#post({ kind: "close" });
      await answered;
    }
    await this.#worker.terminate();
  }

  #post(request: WriterRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #expect(expected: WriterAnswer["kind"]): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { expected, resolve, reject };
      this.#keepAlive();
    });
  }

  #expectOfCopy(expected: "copied" | "swapped"): Promise<void> {
    const failure = this.#failure ?? this.#copyFailure;
    if (failure !== undefined) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      this.#copying = { expected, resolve, reject };
      this.#keepAlive();
    });
  }

  /** The process goes on as long as somebody waits. */
  #keepAlive(): void {
    if (this.#waiting === undefined && this.#copying === undefined) this.#worker.unref();
    else this.#worker.ref();
  }

  #answered(answer: WriterAnswer): void {
    switch (answer.kind) {
      case "copied":
      case "swapped":
        this.#endCopyStep()?.resolve();
        break;
      case "copy-failed":
        this.#copyFailure = new DefragmentError(answer.message);
        this.#endCopyStep()?.reject(this.#copyFailure);
        break;
      case "spare":
        this.#packer.takeBack(answer.memories);
        return;
      case "failed":
        if (this.#waiting === undefined) this.#fail(new BackendError(answer.message));
        else this.#endRequest()?.reject(new BackendError(answer.message));
        break;
      default: {
        const waiting = this.#endRequest();
        if (answer.kind === waiting?.expected) waiting.resolve();
        else waiting?.reject(new BackendError(`unexpected ${answer.kind}`));
      }
    }
    this.#keepAlive();
  }

  #endRequest(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #endCopyStep(): Waiting | undefined {
    const copying = this.#copying;
    this.#copying = undefined;
    return copying;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#endRequest()?.reject(this.#failure);
    this.#endCopyStep()?.reject(this.#failure);
  }
}
