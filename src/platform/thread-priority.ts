// SPDX-License-Identifier: Apache-2.0

import { getPriority, setPriority } from "node:os";

/** The share of a busy processor that is left to such a thread is about a quarter. */
const BACKGROUND = 5;

/**
 * Lets other threads go first, where threads have a priority of their own: on Linux, where the
 * call means the thread that makes it. Elsewhere it would mean the whole process, and is left out.
 */
export function yieldToOtherThreads(): void {
  if (process.platform !== "linux") return;
  try {
    if (getPriority() < BACKGROUND) setPriority(BACKGROUND);
  } catch {
    // A system that forbids it is no worse than one that cannot.
  }
}
