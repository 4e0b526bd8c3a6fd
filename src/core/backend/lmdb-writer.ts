// SPDX-License-Identifier: Apache-2.0
//
// The writer thread: executes what the main thread sends, one transaction per message.

import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../base/invariant.ts";
import { LmdbEnvironment } from "./lmdb.ts";

export type WriterRequest =
  | { readonly kind: "write"; readonly chunks: ArrayBuffer[] }
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
  port.on("message", (request: WriterRequest) => {
    if (request.kind === "close") {
      void environment.close().then(() => {
        answer({ kind: "closed" });
        port.close();
      });
      return;
    }
    try {
      environment.write(request.chunks);
      answer({ kind: "written" });
    } catch (error) {
      answer({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  });
  answer({ kind: "ready" });
}

serve();
