// SPDX-License-Identifier: Apache-2.0

import type { ServerProcess } from "../../test/harness/server-process.ts";
import { type LatencySummary, summarize } from "../latency.ts";
import type { Shape } from "../load.ts";
import { LoadConnection, type LoadSource } from "../load-connection.ts";
import { keyAt, type Operation, preload } from "../rows.ts";

/** More samples than this are not kept; at 10 connections that is minutes. */
const samplesMax = 4_000_000;

/** Requests of one kind; each names the key of its number modulo `keyCount`. */
export interface SteadyLoad {
  readonly operation: Operation;
  readonly shape: Shape;
  readonly keyCount: number;
}

/** Puts until `until` resolves, and all answers that are then outstanding. */
export function putsUntil(
  server: ServerProcess,
  shape: Shape,
  keyCount: number,
  until: Promise<unknown>,
): Promise<LatencySummary> {
  return requestsUntil(server.ports.client, { operation: preload, shape, keyCount }, until);
}

/** Requests, one after another on each connection, until `until` resolves. */
export async function requestsUntil(
  port: number,
  { operation, shape, keyCount }: SteadyLoad,
  until: Promise<unknown>,
): Promise<LatencySummary> {
  const failure = Promise.withResolvers<never>();
  const micros = new Float64Array(samplesMax);
  let sent = 0;
  let answers = 0;
  let isOver = false;
  const idle = Promise.withResolvers<void>();
  const finishWhenIdle = (): void => {
    if (isOver && answers === sent) idle.resolve();
  };
  const source: LoadSource = {
    next() {
      if (isOver) return undefined;
      sent += 1;
      return operation.frame(keyAt((sent - 1) % keyCount));
    },
    answered(took) {
      if (answers < samplesMax) micros[answers] = took;
      answers += 1;
      finishWhenIdle();
    },
    failed: (error) => failure.reject(error),
  };
  const { path, answerBytesMin } = operation;
  const target = { port, path, inFlight: shape.inFlight, answerBytesMin };
  const opened = await Promise.all(
    Array.from({ length: shape.connections }, () => LoadConnection.open(target, source)),
  );
  try {
    for (const connection of opened) connection.pump();
    await Promise.race([until, failure.promise]);
    isOver = true;
    finishWhenIdle();
    await Promise.race([idle.promise, failure.promise]);
    return summarize(micros.subarray(0, Math.min(answers, samplesMax)));
  } finally {
    for (const connection of opened) connection.close();
  }
}
