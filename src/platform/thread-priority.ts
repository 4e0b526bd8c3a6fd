// SPDX-License-Identifier: Apache-2.0

import { getPriority, setPriority } from "node:os";

/** The share of a busy processor that is left to such a thread is about a third. */
const BACKGROUND = 3;

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

const REST_MS = 0.05;
const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * Rests for a moment, so that whoever waits for the processor has it. A priority decides about
 * shares of milliseconds: a thread that is at work may keep even a more important one waiting for a
 * tick of the scheduler's clock. For threads other than the main one.
 */
export function letOthersIn(): void {
  Atomics.wait(nothing, 0, 0, REST_MS);
}
