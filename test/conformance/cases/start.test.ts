// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ServerProcess } from "../../harness/server-process.ts";
import { describeCases, subjectCommand } from "../subjects/subject.ts";

describeCases("seen on the running etcd: flags", () => {
  test.each(["discovery", "discovery-proxy"])(
    "O-help-1 the flag --%s is refused as unknown, with the usage behind it",
    async (flag) => {
      const dataDir = mkdtempSync(join(tmpdir(), "etcdx-start-"));
      try {
        const args = [`--${flag}=http://127.0.0.1:1`];
        const server = await ServerProcess.runToEnd(subjectCommand(), { dataDir, args });
        expect(await server.exited()).toEqual({ code: 2, signal: null });
        const [refusal, usage] = server.log.split("\n");
        expect(refusal).toBe(`flag provided but not defined: -${flag}`);
        expect(usage).toMatch(/^Usage/);
      } finally {
        rmSync(dataDir, { recursive: true, force: true });
      }
    },
  );
});
