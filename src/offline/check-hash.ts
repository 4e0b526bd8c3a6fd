// SPDX-License-Identifier: Apache-2.0

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Disk } from "../base/contracts/disk.ts";
import { type RestoreOutcome, verifyingSteps } from "../core/etcd-db/index.ts";
import { createSha256 } from "../platform/sha256.ts";
import { OfflineError } from "./errors.ts";

/**
 * Refuses a snapshot whose hash is missing or wrong. Gives way to the loop every few milliseconds,
 * and ends early, without a verdict, when it is stopped.
 */
export async function checkHash(disk: Disk, snapshot: string, signal: AbortSignal): Promise<void> {
  const file = disk.open(snapshot, "read");
  try {
    const steps = verifyingSteps(file, createSha256);
    for (;;) {
      const step = steps.next();
      if (step.done === true) {
        if (step.value.kind !== "good") checkOutcome(step.value);
        return;
      }
      await nextTurn();
      if (signal.aborted) return;
    }
  } finally {
    file.close();
  }
}

/** Throws what etcdutl says of a snapshot that was not restored. */
export function checkOutcome(outcome: RestoreOutcome): void {
  if (outcome.kind === "restored") return;
  if (outcome.kind === "missing") {
    throw new OfflineError("snapshot missing hash but --skip-hash-check=false");
  }
  const list = (bytes: Uint8Array): string => `[${bytes.join(" ")}]`;
  const { expected, actual } = outcome;
  throw new OfflineError(`expected sha256 ${list(expected)}, got ${list(actual)}`);
}
