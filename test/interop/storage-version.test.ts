// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a storage version that was changed while the member was stopped: the same in
// genuine etcd and in our server.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { etcdxCommand, genuineCommand, type ServerCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough } from "../harness/thorough.ts";
import { genuineEtcdutl } from "./etcdutl-process.ts";

const own = join(import.meta.dirname, "../../bin/etcdutl");
const subjects = [
  { command: etcdxCommand(), util: [process.execPath, own] },
  { command: genuineCommand(), util: [genuineEtcdutl() ?? ""] },
].filter(({ command }) => command !== undefined);
const TIMEOUT_MS = 120_000;
const SEEN_WITHIN_MS = 30_000;

function migrate([file = "", ...words]: readonly string[], dataDir: string, version: string): void {
  const all = [...words, "migrate", "--data-dir", dataDir, "--target-version", version, "--force"];
  const { status, stderr } = spawnSync(file, all, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
}

async function versionOf(server: ServerProcess): Promise<string> {
  const client = new GrpcClient(server.endpoint);
  const { storageVersion } = await client.unary(MaintenanceService.status, {});
  client.close();
  return storageVersion;
}

const reached = (version: string) => `"new-storage-version":"${version}"`;
const differs = (from: string) =>
  `"msg":"cluster version differs from storage version.","cluster-version":"3.7.0","storage-version":"${from}"`;

test.runIf(isThorough).each(subjects)(
  "$command.name brings a version that was migrated down back up, and refuses one it does not know",
  async ({ command, util }) => {
    const server = command as ServerCommand;
    const dataDir = tempDir();
    const args = ["--log-level=info"];
    const first = await ServerProcess.start(server, { dataDir, args });
    await first.logged(reached("3.7.0"));
    expect(first.log).toContain(differs("3.5.0"));
    await expect.poll(() => versionOf(first), { timeout: SEEN_WITHIN_MS }).toBe("3.7.0");
    const { ports } = first;
    await first.kill("SIGTERM");

    for (const [target, shown] of [
      ["3.6", "3.6.0"],
      ["3.5", "3.5.0"],
    ] as const) {
      migrate(util, dataDir, target);
      const again = await ServerProcess.start(server, { dataDir, args, ports });
      // Genuine etcd may have raised it already: that depends on when it reads its log again.
      expect([shown, "3.7.0"]).toContain(await versionOf(again));
      await again.logged(differs(shown));
      await again.logged(reached("3.7.0"));
      // Genuine etcd logs it a moment before readers see it.
      await expect.poll(() => versionOf(again), { timeout: SEEN_WITHIN_MS }).toBe("3.7.0");
      await again.kill("SIGTERM");
    }

    migrate(util, dataDir, "3.8");
    const refused = await ServerProcess.runToEnd(server, { dataDir, args, ports });
    expect((await refused.exited()).code).toBe(1);
    expect(refused.log).toMatch(/version \\?"3\.8\.0\\?" is not supported/);
    migrate(util, dataDir, "3.6");
    const last = await ServerProcess.start(server, { dataDir, args, ports });
    await last.logged(differs("3.6.0"));
    await last.kill("SIGTERM");
  },
  TIMEOUT_MS,
);
