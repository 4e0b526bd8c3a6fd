// SPDX-License-Identifier: Apache-2.0

import { summarize } from "./latency.ts";
import type { LoadGenerator, LoadOrder, LoadResult } from "./load.ts";
import { LoadConnection, type LoadSource } from "./load-connection.ts";

async function run(order: LoadOrder): Promise<LoadResult> {
  const finished = Promise.withResolvers<void>();
  const micros = new Float64Array(order.count);
  let sent = 0;
  let answers = 0;
  const source: LoadSource = {
    next() {
      if (sent === order.count) return undefined;
      sent += 1;
      return order.frameAt(sent - 1);
    },
    answered(took) {
      micros[answers] = took;
      answers += 1;
      if (answers === order.count) finished.resolve();
    },
    failed: finished.reject,
  };
  const { connections, inFlight } = order.shape;
  const { port, path, answerBytesMin } = order;
  const target = { port, path, inFlight, answerBytesMin };
  const opened = await Promise.all(
    Array.from({ length: connections }, () => LoadConnection.open(target, source)),
  );
  try {
    const startedAt = performance.now();
    for (const connection of opened) connection.pump();
    await finished.promise;
    const seconds = (performance.now() - startedAt) / 1000;
    return { seconds, latency: summarize(micros) };
  } finally {
    for (const connection of opened) connection.close();
  }
}

/**
 * Load from this process: every request can name another key, which h2load cannot. One thread makes
 * and reads all of it, so at depth the figures are bounded by the generator.
 */
export const nodeGenerator: LoadGenerator = { name: "node", run };
