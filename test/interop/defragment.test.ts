// SPDX-License-Identifier: Apache-2.0
//
// `util defrag` of data directories that genuine etcd, or our server, left and goes on with.

import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import { utilProgram } from "../../src/commands/util/index.ts";
import { Store } from "../conformance/subjects/store.ts";
import { runOwn } from "../golden/run-ctl.ts";
import { etcdxCommand, genuineCommand, type ServerCommand } from "../harness/server-command.ts";
import { tempDir } from "../harness/temp-dir.ts";

const subjects = [
  { command: genuineCommand(), file: "member/snap/db" },
  { command: etcdxCommand(), file: "member/snap/store.lmdb/data.mdb" },
].filter((each): each is { command: ServerCommand; file: string } => each.command !== undefined);
if (subjects.length < 2) console.log("defragment: no genuine etcd here, left out");

const KEYS = 120;
const VALUE = new Uint8Array(20_000);

async function fillAndFree(store: Store): Promise<void> {
  for (let key = 0; key < KEYS; key++) await store.put(`key-${key}`, VALUE);
  await store.del("key-", { rangeEnd: "key." });
  await store.putAll("a", "b", "a", "c");
  await store.compact((await store.revision()) - 1, true);
}

async function hashOf(store: Store) {
  const { hash, compactRevision, hashRevision } = await store.client.unary(
    MaintenanceService.hashKV,
    {},
  );
  return { hash, compactRevision, hashRevision };
}

test.for(subjects)(
  "$command.name goes on with what util defrag has left, hashes equal",
  async ({ command, file }) => {
    const dataDir = tempDir();
    const before = await Store.open({ command, dataDir });
    const { ports } = before.server;
    await fillAndFree(before);
    const hash = await hashOf(before);
    await before.server.kill("SIGTERM");
    await before.close();
    const size = statSync(join(dataDir, file)).size;

    const outcome = await runOwn(utilProgram, ["defrag", "--data-dir", dataDir]);
    expect(outcome).toMatchObject({ code: 0, stdout: "" });
    expect(statSync(join(dataDir, file)).size).toBeLessThan(size / 2);

    const after = await Store.open({ command, dataDir, ports });
    try {
      expect(await hashOf(after)).toEqual(hash);
      await after.put("later");
      await after.client.unary(MaintenanceService.defragment, {});
      expect((await after.range("a", { rangeEnd: "z" })).count).toBe(4);
    } finally {
      await after.close();
    }
  },
);
