// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 10;

/** What a program took that ran to its end. */
export interface ProgramRun {
  readonly millis: number;
  /** The most that was resident. */
  readonly residentMegabytes: number;
}

function residentMegabytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    // It has ended.
    return 0;
  }
}

/** Runs a program; throws with what it wrote when it fails. */
export async function runProgram(words: readonly string[]): Promise<ProgramRun> {
  const [program = "", ...rest] = words;
  const startMs = performance.now();
  const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (bytes: Buffer) => {
    log += bytes;
  });
  const ended = Promise.withResolvers<number | null>();
  child.once("error", ended.reject);
  child.once("close", ended.resolve);
  let isOver = false;
  const over = ended.promise.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  let resident = 0;
  while (!isOver) {
    resident = Math.max(resident, residentMegabytes(child.pid));
    await Promise.race([over, delay(POLL_MS)]);
  }
  const code = await ended.promise;
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}\n${log}`);
  return { millis: performance.now() - startMs, residentMegabytes: resident };
}
