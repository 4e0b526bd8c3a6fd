// SPDX-License-Identifier: Apache-2.0
//
// The thread that builds a directory. The work waits for nothing but the disk, so that a thread of
// its own keeps the one that listens for signals and shows the progress free.

import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../base/invariant.ts";
import { BackendError } from "../core/backend/index.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { buildDefragmented, type DefragmentOrder } from "./defragment-build.ts";
import { OfflineError } from "./errors.ts";
import { buildExported, type ExportOrder } from "./export-build.ts";
import { buildRestored, type RestoreNote, type RestoreOrder } from "./restore-build.ts";
import { describeFailure, type Spelling } from "./spelling.ts";

export type BuildOrder = { readonly spelling: Spelling } & (
  | ({ readonly kind: "restore" } & RestoreOrder)
  | ({ readonly kind: "export" } & ExportOrder)
  | ({ readonly kind: "defragment" } & DefragmentOrder)
);

export type BuildAnswer =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | { readonly kind: "note"; readonly note: RestoreNote }
  | { readonly kind: "built" }
  /** What the user is told. */
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "broken"; readonly error: unknown };

async function serve(order: BuildOrder): Promise<void> {
  const port = parentPort;
  invariant(port !== null, "a directory is built in a thread of its own");
  const answer = (message: BuildAnswer): void => port.postMessage(message);
  const progress = (done: number, total: number): void => {
    answer({ kind: "progress", done, total });
  };
  const note = (about: RestoreNote): void => answer({ kind: "note", note: about });
  const disk = new NodeDisk();
  try {
    if (order.kind === "restore") await buildRestored(disk, order, { progress, note });
    else if (order.kind === "export") await buildExported(disk, order, progress);
    else buildDefragmented(disk, order, progress);
    answer({ kind: "built" });
  } catch (cause) {
    const failure = describeFailure(cause, order.spelling);
    const isForUser = failure instanceof OfflineError || failure instanceof BackendError;
    if (isForUser) answer({ kind: "refused", message: failure.message });
    else answer({ kind: "broken", error: failure });
  }
}

await serve(workerData);
