// SPDX-License-Identifier: Apache-2.0

import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { DiskError } from "../base/contracts/disk.ts";
import { threadUrl } from "../base/thread-url.ts";
import { NO_TABLE, type Segment, TASKS } from "./segment.ts";
import { createSegments, type Sorter } from "./sorter.ts";
import type { SorterFailure, SorterOrder } from "./sorter-thread.ts";

/** Views of rows, that nothing holds on to. */
const NURSERY_MIB = 3;

/**
 * Has a thread of its own sort what this one stages. Segments change hands in turn; who has
 * nothing to do meanwhile sleeps.
 */
export class SorterBeside implements Sorter {
  readonly segments: readonly [Segment, Segment];
  readonly #worker: Worker;
  readonly #failures: MessageChannel;

  /** `path`: an empty file that nobody else writes to. */
  constructor(path: string, recordBytes: number) {
    this.segments = createSegments(recordBytes);
    this.#failures = new MessageChannel();
    this.#failures.port1.unref();
    const failures = this.#failures.port2;
    const memory = this.segments.map((segment) => segment.memory);
    const order: SorterOrder = { path, memory, failures };
    this.#worker = new Worker(threadUrl("sorter-thread", import.meta.url), {
      workerData: order,
      transferList: [failures],
      name: "row sorter",
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MIB },
    });
    this.#worker.unref();
    // Who waits for a segment is told by that; what is not waited for any more does not matter.
    this.#worker.on("error", () => {});
  }

  sort(segment: Segment): void {
    segment.giveToSorter(TASKS.sort);
  }

  settle(segment: Segment): void {
    if (!segment.awaitSorter()) throw this.#failure();
  }

  *drain(next: Segment): Generator<Segment> {
    const others = this.segments.filter((segment) => segment !== next);
    const inTurn = [next, ...others];
    for (const segment of inTurn) this.#fill(segment);
    for (;;) {
      for (const segment of inTurn) {
        this.settle(segment);
        if (segment.table === NO_TABLE) return;
        yield segment;
        this.#fill(segment);
      }
    }
  }

  close(): void {
    this.#failures.port1.close();
    void this.#worker.terminate();
  }

  #fill(segment: Segment): void {
    segment.giveToSorter(TASKS.fill);
  }

  #failure(): Error {
    const failure: SorterFailure | undefined = receiveMessageOnPort(this.#failures.port1)?.message;
    if (failure?.kind !== "disk") {
      return new Error(failure?.message ?? "the thread that sorts rows has failed");
    }
    const { operation, path, code, message } = failure;
    return new DiskError(operation, path, Object.assign(new Error(message), { code }));
  }
}
