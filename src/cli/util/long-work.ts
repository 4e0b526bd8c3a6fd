// SPDX-License-Identifier: Apache-2.0

import { type BuildOutside, StoppedError } from "../../offline/build.ts";
import { catchStopSignals, type StopSignal } from "../../platform/signals.ts";
import type { Call } from "../command.ts";
import { ByteProgress } from "./byte-progress.ts";
import { offline } from "./database.ts";

export interface LongWork {
  /** Whether etcdutl has the command too: called by that name it then shows nothing more. */
  readonly isOfEtcd: boolean;
  readonly note?: BuildOutside["note"];
}

/**
 * Runs long work that shows its progress and can be interrupted: what is half made is removed
 * first, then the process ends as the signal says. Work that prints something calls `clear` before.
 */
export async function longWork(
  { terminal, program }: Call,
  { isOfEtcd, note = () => {} }: LongWork,
  work: (outside: BuildOutside, clear: () => void) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  let received: StopSignal | undefined;
  const signals = catchStopSignals(process);
  void signals.received.then((signal) => {
    received = signal;
    controller.abort();
  });
  const progress = new ByteProgress(terminal);
  const isHidden = isOfEtcd && program.isExact === true;
  const report = (done: number, total: number): void => {
    if (!isHidden) progress.update(done, total);
  };
  try {
    const told: typeof note = (about) => {
      progress.finish();
      note(about);
    };
    const outside = { report, note: told, signal: controller.signal };
    await offline(work(outside, () => progress.finish()));
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
