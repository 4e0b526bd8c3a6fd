// SPDX-License-Identifier: Apache-2.0

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { ExportAnswer, ExportOrder, ExportRequest } from "./export-thread.ts";

/** The next bytes of the database, or its end with the SHA-256 of all of them. */
export type ExportChunk = Extract<ExportAnswer, { readonly kind: "chunk" | "end" }>;

/**
 * A database that is being read out of the store, one chunk ahead of who asks. Ask for one chunk
 * at a time; what is given is overwritten once the one after it has been asked for.
 */
export class StoreExport {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<ExportAnswer> | undefined;
  /** The chunk that was asked for ahead. */
  #ahead: Promise<ExportAnswer> | undefined;
  /** The chunk that was given last: whoever asks for another has done with it. */
  #given: Uint8Array<ArrayBuffer> | undefined;
  #failure: Error | undefined;

  private constructor(order: ExportOrder) {
    const url = new URL(`./export-thread${extname(import.meta.url)}`, import.meta.url);
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
    const done = this.#given;
    this.#given = undefined;
    const answer = await (this.#ahead ?? this.#request());
    this.#ahead = undefined;
    if (answer.kind === "end") return answer;
    if (answer.kind !== "chunk") throw new Error(`unexpected ${answer.kind}`);
    this.#given = answer.bytes;
    this.#ahead = this.#request(done);
    // A failure is met by whoever asks next.
    this.#ahead.catch(() => {});
    return answer;
  }

  /** Asks for a chunk, and gives the memory of an earlier one back for it. */
  #request(room?: Uint8Array<ArrayBuffer>): Promise<ExportAnswer> {
    const answered = this.#expect();
    this.#worker.postMessage({ room } satisfies ExportRequest, room ? [room.buffer] : []);
    return answered;
  }

  /** Gives everything back; a chunk that is waited for does not come any more. */
  close(): void {
    void this.#worker.terminate();
  }

  #expect(): Promise<ExportAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#waiting = Promise.withResolvers<ExportAnswer>();
    return this.#waiting.promise;
  }

  #answered(answer: ExportAnswer): void {
    if (answer.kind === "failed") return this.#fail(new Error(answer.message));
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}
