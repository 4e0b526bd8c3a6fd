// SPDX-License-Identifier: Apache-2.0

import { Worker } from "node:worker_threads";
import { invariant } from "../base/invariant.ts";
import { threadUrl } from "../base/thread-url.ts";
import type { ExportAnswer, ExportOrder, ExportRequest } from "./export-thread.ts";

/** Chunks that are made before anybody has asked for them. */
const AHEAD_MAX = 4;

/** The next bytes of the database, or its end with the SHA-256 of all of them. */
export type ExportChunk = Extract<ExportAnswer, { readonly kind: "chunk" | "end" }>;

/**
 * A database that is being read out of the store, a few chunks ahead of who asks: on a busy machine
 * the thread waits for its turn, and whoever asks should not have to wait for that every time. Ask
 * for one chunk at a time; what is given is overwritten once the one after it has been asked for.
 */
export class StoreExport {
  readonly #worker: Worker;
  /** Who waits for an answer, in the order of what was asked. */
  readonly #waiting: PromiseWithResolvers<ExportAnswer>[] = [];
  /** The chunks that were asked for ahead. */
  readonly #ahead: Promise<ExportAnswer>[] = [];
  /** The chunk that was given last: whoever asks for another has done with it. */
  #given: Uint8Array<ArrayBuffer> | undefined;
  #failure: Error | undefined;

  private constructor(order: ExportOrder) {
    const url = threadUrl("export-thread", import.meta.url);
    this.#worker = new Worker(url, { workerData: order, name: "store export" });
    this.#worker.unref();
    this.#worker.on("message", (answer: ExportAnswer) => this.#answered(answer));
    this.#worker.on("error", (error) => {
      this.#fail(new Error("the thread that exports the store failed", { cause: error }));
    });
    this.#worker.on("exit", () => this.#fail(new Error("the export was stopped")));
  }

  /**
   * Begins to export what is committed. Gives the size of the database in bytes once it is
   * written, from when on the store is not needed any more. Rejects when that fails.
   */
  static async start(
    order: ExportOrder,
  ): Promise<{ readonly export: StoreExport; readonly sizeBytes: number }> {
    const started = new StoreExport(order);
    try {
      const answer = await started.#expect();
      if (answer.kind !== "written") throw new Error(`unexpected ${answer.kind}`);
      return { export: started, sizeBytes: answer.sizeBytes };
    } catch (error) {
      started.close();
      throw error;
    }
  }

  async next(): Promise<ExportChunk> {
    if (this.#given !== undefined) this.#request(this.#given);
    this.#given = undefined;
    while (this.#ahead.length < AHEAD_MAX) this.#request();
    const first = this.#ahead.shift();
    invariant(first !== undefined, "chunks are asked for ahead");
    const answer = await first;
    if (answer.kind === "chunk") this.#given = answer.bytes;
    else if (answer.kind !== "end") throw new Error(`unexpected ${answer.kind}`);
    return answer;
  }

  /** Asks for a chunk, and gives the memory of an earlier one back for it. */
  #request(room?: Uint8Array<ArrayBuffer>): void {
    const answered = this.#expect();
    // A failure is met by whoever asks next.
    answered.catch(() => {});
    this.#ahead.push(answered);
    this.#worker.postMessage({ room } satisfies ExportRequest, room ? [room.buffer] : []);
  }

  /** Gives everything back; a chunk that is waited for does not come any more. */
  close(): void {
    void this.#worker.terminate();
  }

  #expect(): Promise<ExportAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const waiting = Promise.withResolvers<ExportAnswer>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #answered(answer: ExportAnswer): void {
    if (answer.kind === "failed") this.#fail(new Error(answer.message));
    else this.#waiting.shift()?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure);
  }
}
