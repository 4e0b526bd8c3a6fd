// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { listensOn } from "./port-owner.ts";

const isLinux = process.platform === "linux";

test.runIf(isLinux)("a port belongs to who listens on it, and to no other process", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const other = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    expect(listensOn(process.pid, address.port)).toBe(true);
    expect(listensOn(other.pid ?? 0, address.port)).toBe(false);
    server.close();
    await once(server, "close");
    expect(listensOn(process.pid, address.port)).toBe(false);
  } finally {
    other.kill();
    server.close();
  }
});
