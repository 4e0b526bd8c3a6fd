// SPDX-License-Identifier: Apache-2.0

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { ExportAnswer, ExportOrder } from "./export-thread.ts";

/** The next bytes of the database, or its end with the SHA-256 of all of them. */
export type ExportChunk = Extract<ExportAnswer, { readonly kind: "chunk" | "end" }>;

/** A database that is being read out of the store. Ask for one chunk at a time. */
export class StoreExport {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<ExportAnswer> | undefined;
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
    const answered = this.#expect();
    this.#worker.postMessage("next");
    const answer = await answered;
    if (answer.kind === "chunk" || answer.kind === "end") return answer;
    throw new Error(`unexpected ${answer.kind}`);
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
