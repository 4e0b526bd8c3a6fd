// SPDX-License-Identifier: Apache-2.0

import { type BuildOutside, StoppedError } from "../../offline/build.ts";
import { catchStopSignals, type StopSignal } from "../../platform/signals.ts";
import type { Terminal } from "../terminal.ts";
import { ByteProgress } from "./byte-progress.ts";
import { offline } from "./database.ts";

/**
 * Runs long work that shows its progress and can be interrupted: what is half made is removed
 * first, then the process ends as the signal says.
 */
export async function longWork(
  terminal: Terminal,
  work: (outside: BuildOutside) => Promise<void>,
  note: BuildOutside["note"] = () => {},
): Promise<void> {
  const controller = new AbortController();
  let received: StopSignal | undefined;
  const signals = catchStopSignals(process);
  void signals.received.then((signal) => {
    received = signal;
    controller.abort();
  });
  const progress = new ByteProgress(terminal);
  const report = (done: number, total: number): void => progress.update(done, total);
  try {
    const told: typeof note = (about) => {
      progress.finish();
      note(about);
    };
    await offline(work({ report, note: told, signal: controller.signal }));
  } catch (error) {
    if (!(error instanceof StoppedError) || received === undefined) throw error;
    progress.finish();
    signals.finish(received);
    // The signal is on its way; nothing more may be printed.
    await Promise.withResolvers<void>().promise;
  } finally {
    progress.finish();
    signals.release();
  }
}
