// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { threadUrl } from "../base/thread-url.ts";
import type { BuildAnswer, BuildOrder } from "./build-thread.ts";
import { OfflineError } from "./errors.ts";
import type { ReportProgress } from "./progress.ts";
import type { RestoreNote } from "./restore-build.ts";

const NURSERY_MIB = 3;

/** What a long work is given from outside. */
export interface BuildOutside {
  readonly report: ReportProgress;
  /** Told as steps are done; an export has none. */
  readonly note: (note: RestoreNote) => void;
  /** Ends the work; it then rejects with a `StoppedError` and leaves nothing. */
  readonly signal: AbortSignal;
}

/** The work was stopped from outside. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** Has a thread build what is ordered. Rejects with an `OfflineError` when that cannot be done. */
export async function buildAside(order: BuildOrder, outside: BuildOutside): Promise<void> {
  const { report, note, signal } = outside;
  if (signal.aborted) throw new StoppedError("stopped");
  const worker = new Worker(threadUrl("build-thread", import.meta.url), {
    workerData: order,
    name: "directory builder",
    // Rows pass through; nearly nothing lives long enough for a large nursery to pay.
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MIB },
  });
  const ended = once(worker, "exit");
  const done = Promise.withResolvers<void>();
  const stop = (): void => done.reject(new StoppedError("stopped"));
  signal.addEventListener("abort", stop);
  worker.on("error", (error) => done.reject(error));
  worker.on("exit", () => done.reject(new Error("the thread that builds has ended early")));
  worker.on("message", (answer: BuildAnswer) => {
    switch (answer.kind) {
      case "progress":
        return report(answer.done, answer.total);
      case "note":
        return note(answer.note);
      case "built":
        return done.resolve();
      case "refused":
        return done.reject(new OfflineError(answer.message));
      case "broken":
        return done.reject(answer.error);
    }
  });
  try {
    await done.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    void worker.terminate();
    await ended;
  }
}
