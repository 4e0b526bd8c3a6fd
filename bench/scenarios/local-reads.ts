// SPDX-License-Identifier: Apache-2.0
//
// Reads that neither a disk nor a quorum delays, one after another: the slowest shows how long the
// server stood still. They are sent by a thread of their own, since the one that sends the puts
// stands still now and then itself.

import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { invariant } from "../../src/base/invariant.ts";
import type { LatencySummary } from "../latency.ts";
import { localRead } from "../rows.ts";
import { requestsUntil } from "./steady-load.ts";

interface Target {
  readonly port: number;
  readonly keyCount: number;
}

/** Reads until `until` resolves. */
export async function localReadsUntil(
  target: Target,
  until: Promise<unknown>,
): Promise<LatencySummary> {
  const worker = new Worker(new URL(import.meta.url), { workerData: target });
  const summary = once(worker, "message") as Promise<[LatencySummary]>;
  // Whoever awaits both sees the failure of either.
  await Promise.race([until, summary]);
  worker.postMessage("over");
  const [seen] = await summary;
  await worker.terminate();
  return seen;
}

async function read({ port, keyCount }: Target): Promise<void> {
  invariant(parentPort !== null, "this part runs in a thread");
  const shape = { connections: 1, inFlight: 1 };
  const over = once(parentPort, "message");
  parentPort.postMessage(
    await requestsUntil(port, { operation: localRead, shape, keyCount }, over),
  );
}

if (!isMainThread) await read(workerData as Target);
