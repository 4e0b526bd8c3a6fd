// SPDX-License-Identifier: Apache-2.0
//
// The writer thread: executes what the main thread sends.

import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../base/invariant.ts";
import { LmdbEnvironment } from "./lmdb.ts";

export type WriterRequest =
  /** A part of what the next `write` is about; there is no answer to it. */
  | { readonly kind: "chunk"; readonly lane: "rows" | "index"; readonly chunk: ArrayBuffer }
  | { readonly kind: "write" }
  | { readonly kind: "close" };

export type WriterAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "written" }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly message: string };

function serve(): void {
  const port = parentPort;
  invariant(port !== null, "the writer runs in a thread of its own");
  const environment = new LmdbEnvironment(String(workerData));
  const answer = (message: WriterAnswer): void => port.postMessage(message);
  let chunks: Record<"rows" | "index", ArrayBuffer[]> = { rows: [], index: [] };
  port.on("message", (request: WriterRequest) => {
    if (request.kind === "chunk") {
      chunks[request.lane].push(request.chunk);
      return;
    }
    if (request.kind === "close") {
      void environment.close().then(() => {
        answer({ kind: "closed" });
        port.close();
      });
      return;
    }
    try {
      const { rows, index } = chunks;
      chunks = { rows: [], index: [] };
      environment.write(rows);
      if (index.length > 0) environment.writeIndex(index);
      answer({ kind: "written" });
    } catch (error) {
      answer({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  });
  answer({ kind: "ready" });
}

serve();
