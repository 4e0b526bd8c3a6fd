// SPDX-License-Identifier: Apache-2.0
//
// The thread that exports the store: it reads one committed state into a temporary file, whose name
// is gone at once, and then answers each request with the next bytes of it.

import { parentPort, workerData } from "node:worker_threads";
import type { DiskFile } from "../base/contracts/disk.ts";
import { errorText } from "../base/error-text.ts";
import { invariant } from "../base/invariant.ts";
import { openLmdbView } from "../core/backend/index.ts";
import { writeDatabase } from "../core/etcd-db/index.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { createSha256 } from "../platform/sha256.ts";
import { letOthersIn, yieldToOtherThreads } from "../platform/thread-priority.ts";
import { exportRows } from "./export-rows.ts";

export interface ExportOrder {
  /** The store's directory. */
  readonly store: string;
  /** The temporary file. */
  readonly path: string;
  readonly chunkBytes: number;
}

/** Asks for the next chunk, or for the end, which is told as often as it is asked for. */
export interface ExportRequest {
  /** Memory that may be used for it. */
  readonly room: Uint8Array<ArrayBuffer> | undefined;
}

export type ExportAnswer =
  | { readonly kind: "written"; readonly sizeBytes: number }
  | { readonly kind: "chunk"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** There was nothing left: the SHA-256 of everything. */
  | { readonly kind: "end"; readonly hash: Uint8Array }
  | { readonly kind: "failed"; readonly message: string };

const FILE_MODE = 0o600;
/** Hashed between two rests: less than a millisecond. */
const WORK_BYTES = 256 * 1024;

/** Writes what is committed as a database into a file whose name is gone at once. */
function writeTemporary({ store, path }: ExportOrder): { file: DiskFile; sizeBytes: number } {
  const disk = new NodeDisk();
  const file = disk.open(path, "create", FILE_MODE);
  disk.removeFile(path);
  const view = openLmdbView(store);
  // Nobody reads it after a crash: it is gone then.
  const sink = {
    path,
    write: (bytes: Uint8Array, at: number): void => {
      file.write(bytes, at);
      letOthersIn();
    },
    datasyncNow: (): void => {},
  };
  const { sizeBytes } = writeDatabase(sink, (writer) => exportRows(view, writer));
  view.close();
  return { file, sizeBytes };
}

function serve(order: ExportOrder): void {
  yieldToOtherThreads();
  const port = parentPort;
  invariant(port !== null, "the export runs in a thread of its own");
  const { file, sizeBytes } = writeTemporary(order);
  const { path, chunkBytes } = order;
  const answer = (message: ExportAnswer): void => port.postMessage(message);
  const digest = createSha256();
  let position = 0;
  let hash: Uint8Array | undefined;
  port.on("message", ({ room }: ExportRequest) => {
    const left = sizeBytes - position;
    if (left === 0) {
      hash ??= digest.finish();
      answer({ kind: "end", hash });
      return;
    }
    const size = Math.min(chunkBytes, left);
    const bytes = room?.length === size ? room : new Uint8Array(size);
    const count = file.readInto(bytes, position);
    invariant(count === bytes.length, `${path} should have ${bytes.length} bytes at ${position}`);
    position += count;
    for (let at = 0; at < count; at += WORK_BYTES) {
      digest.update(bytes.subarray(at, at + WORK_BYTES));
      letOthersIn();
    }
    port.postMessage({ kind: "chunk", bytes } satisfies ExportAnswer, [bytes.buffer]);
  });
  answer({ kind: "written", sizeBytes });
}

try {
  serve(workerData);
} catch (error) {
  const message = errorText(error);
  parentPort?.postMessage({ kind: "failed", message } satisfies ExportAnswer);
}
