// SPDX-License-Identifier: Apache-2.0

import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the range that Linux hands to outgoing connections, so that no client takes the port. */
const portFirst = 11_000;
const portLimit = 32_000;
const attemptsMax = 50;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/**
 * A port of 127.0.0.1 that nobody listens on right now. Another process can still take it before
 * the caller does; who starts a server on it tries again with another one.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = randomInt(portFirst, portLimit);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port on 127.0.0.1 after ${attemptsMax} attempts`);
}
