// SPDX-License-Identifier: Apache-2.0
//
// The thread that sorts staged rows: it is given segments in turn and gives them back. In between
// it sleeps, without a loop of its own.

import type { MessagePort } from "node:worker_threads";
import { workerData } from "node:worker_threads";
import { DiskError } from "../base/contracts/disk.ts";
import { errorText } from "../base/error-text.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { RunSorter } from "./run-sorter.ts";
import { NO_TABLE, Segment, TASKS } from "./segment.ts";

export interface SorterOrder {
  /** The file for the runs, which is there and empty. */
  readonly path: string;
  readonly memory: readonly SharedArrayBuffer[];
  /** Where a failure is told. */
  readonly failures: MessagePort;
}

/** An error of the disk keeps its parts, so that it reads as one of the thread that waits. */
export type SorterFailure =
  | {
      readonly kind: "disk";
      readonly operation: string;
      readonly path: string;
      readonly code: string | undefined;
      readonly message: string;
    }
  | { readonly kind: "other"; readonly message: string };

function failureOf(error: unknown): SorterFailure {
  if (error instanceof DiskError) {
    const { operation, path, code, cause } = error;
    return { kind: "disk", operation, path, code, message: errorText(cause) };
  }
  return { kind: "other", message: errorText(error) };
}

function serve(order: SorterOrder, segments: readonly Segment[]): void {
  const sorter = new RunSorter(new NodeDisk().open(order.path, "write"));
  for (;;) {
    for (const segment of segments) {
      segment.awaitStager();
      if (segment.task === TASKS.sort) sorter.sort(segment);
      else sorter.fill(segment);
      const isEnd = segment.task === TASKS.fill && segment.table === NO_TABLE;
      segment.giveBack();
      if (isEnd) return;
    }
  }
}

const order: SorterOrder = workerData;
const segments = order.memory.map((memory) => new Segment(memory));
try {
  serve(order, segments);
} catch (error) {
  order.failures.postMessage(failureOf(error));
  for (const segment of segments) segment.abandon();
}
