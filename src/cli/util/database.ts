// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../base/contracts/disk.ts";
import { nanosecondsToMs } from "../../base/go-duration.ts";
import { OfflineError, type OpenDatabase } from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { UsageFailure } from "../usage-failure.ts";

/** How the command opens the file that it is given. */
export function databaseOptions({ values }: Call, path: string, disk: Disk): OpenDatabase {
  const lockWaitMs = nanosecondsToMs(values.bigint("timeout"));
  return { disk, path, lockWaitMs };
}

/** Waits for offline work; what cannot be done ends the command. */
export async function offline<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof OfflineError)) throw cause;
    throw new CommandFailure(ExitCode.error, cause.message, { cause });
  }
}

/** The same for work that does not wait. */
export function offlineNow<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof OfflineError)) throw cause;
    throw new CommandFailure(ExitCode.error, cause.message, { cause });
  }
}

/** The positional words, when there are exactly so many. */
export function exactly(call: Call, count: number): readonly string[] {
  const { positional } = call;
  if (positional.length === count) return positional;
  throw new UsageFailure(`accepts ${count} arg(s), received ${positional.length}`);
}
