// SPDX-License-Identifier: Apache-2.0
//
// The writer thread: executes what the main thread sends, and between that makes the copy that a
// defragmentation needs, see lmdb-compaction.ts.

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { errorText } from "../../base/error-text.ts";
import { invariant } from "../../base/invariant.ts";
import { LmdbEnvironment } from "./lmdb.ts";
import { StoreCopy } from "./lmdb-compaction.ts";
import { type Parcel, spareOf } from "./parcels.ts";

export type WriterRequest =
  /** A part of what the next `write` is about; there is no answer to it. */
  | { readonly kind: "parcel"; readonly lane: "rows" | "index"; readonly parcel: Parcel }
  | { readonly kind: "write" }
  /** Answered by `copied` or `copy-failed`, and what is sent meanwhile is answered before. */
  | { readonly kind: "copy"; readonly spareBytes: number }
  /** Puts the copy in place. */
  | { readonly kind: "swap" }
  /** Nobody reads any more what was there before a swap; there is no answer to it. */
  | { readonly kind: "release" }
  | { readonly kind: "close" };

export type WriterAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "written" }
  /** Nobody waits for it: memory of parcels that were executed. */
  | { readonly kind: "spare"; readonly memories: readonly ArrayBuffer[] }
  | { readonly kind: "copied" }
  /** There is no copy any more, and the store is as it was. */
  | { readonly kind: "copy-failed"; readonly message: string }
  | { readonly kind: "swapped" }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly message: string };

class WriterThread {
  readonly #port: MessagePort;
  readonly #store: string;
  #environment: LmdbEnvironment;
  #parcels: Record<"rows" | "index", Uint8Array<ArrayBuffer>[]> = { rows: [], index: [] };
  #copy: StoreCopy | undefined;
  /** What copies have replaced and somebody may still read, oldest first. */
  readonly #replaced: LmdbEnvironment[] = [];

  constructor(port: MessagePort, store: string) {
    this.#port = port;
    this.#store = store;
    this.#environment = new LmdbEnvironment(store);
  }

  serve(request: WriterRequest): void {
    switch (request.kind) {
      case "parcel": {
        const { memory, usedBytes } = request.parcel;
        this.#parcels[request.lane].push(new Uint8Array(memory, 0, usedBytes));
        return;
      }
      case "write":
        return this.#write();
      case "copy":
        return this.#beginCopy(request.spareBytes);
      case "swap":
        return this.#swap();
      case "release":
        void this.#replaced.shift()?.close();
        return;
      case "close":
        void this.#close();
    }
  }

  #answer(message: WriterAnswer, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  #write(): void {
    const { rows, index } = this.#parcels;
    this.#parcels = { rows: [], index: [] };
    try {
      this.#environment.write(rows);
      if (index.length > 0) this.#environment.writeIndex(index);
      this.#answer({ kind: "written" });
    } catch (error) {
      this.#answer({ kind: "failed", message: errorText(error) });
      return;
    }
    try {
      this.#copy?.follow(rows, index);
    } catch (error) {
      this.#giveUp(error);
    }
    const memories = spareOf([...rows, ...index]);
    if (memories.length > 0) this.#answer({ kind: "spare", memories }, memories);
  }

  #beginCopy(spareBytes: number): void {
    try {
      this.#copy = new StoreCopy(this.#environment, this.#store, spareBytes);
      this.#continue(this.#copy);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** One step per turn, so that requests come in between. */
  #continue(copy: StoreCopy): void {
    setImmediate(() => {
      if (this.#copy !== copy) return;
      try {
        copy.step();
      } catch (error) {
        return this.#giveUp(error);
      }
      if (copy.isComplete) this.#answer({ kind: "copied" });
      else this.#continue(copy);
    });
  }

  #giveUp(error: unknown): void {
    const copy = this.#copy;
    this.#copy = undefined;
    const answer = (): void => this.#answer({ kind: "copy-failed", message: errorText(error) });
    if (copy === undefined) answer();
    else void copy.discard().then(answer, answer);
  }

  #swap(): void {
    const copy = this.#copy;
    // A commit after the copy was complete may have been too much for it.
    if (copy === undefined) return;
    try {
      copy.place();
    } catch (error) {
      if (copy.isPlaced) this.#answer({ kind: "failed", message: errorText(error) });
      else this.#giveUp(error);
      return;
    }
    this.#copy = undefined;
    this.#replaced.push(this.#environment);
    this.#environment = copy.environment;
    this.#answer({ kind: "swapped" });
  }

  async #close(): Promise<void> {
    const copy = this.#copy;
    this.#copy = undefined;
    if (copy !== undefined) {
      await copy.discard();
      this.#answer({ kind: "copy-failed", message: "the backend is closed" });
    }
    for (const environment of this.#replaced) await environment.close();
    await this.#environment.close();
    this.#answer({ kind: "closed" });
    this.#port.close();
  }
}

function start(): void {
  const port = parentPort;
  invariant(port !== null, "the writer runs in a thread of its own");
  const thread = new WriterThread(port, String(workerData));
  port.on("message", (request: WriterRequest) => thread.serve(request));
  port.postMessage({ kind: "ready" } satisfies WriterAnswer);
}

start();
