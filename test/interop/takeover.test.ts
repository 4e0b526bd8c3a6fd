// SPDX-License-Identifier: Apache-2.0
//
// Data directories of genuine etcd, stopped or killed, that our server goes on with in place.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  distributionCommand,
  etcdxCommand,
  genuineCommand,
  olderCommands,
  type ServerCommand,
} from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough } from "../harness/thorough.ts";
import { fill, put, visibleState } from "./visible-state.ts";

const etcdx = etcdxCommand();
/** CI takes all versions that are here, and all ways to end. */
const programs = [
  genuineCommand(),
  ...(isThorough ? [...olderCommands(), distributionCommand()] : []),
].filter((each) => each !== undefined);
const isHere = etcdx !== undefined && programs.length > 0;
if (!isHere) console.log("takeover: no genuine etcd here, left out");

const all = programs.flatMap((program) =>
  (["SIGTERM", "SIGKILL"] as const).flatMap((signal) =>
    [undefined, "--snapshot-count=50"].map((flag) => ({ program, signal, flag })),
  ),
);
const cases = isThorough
  ? all
  : all.filter(({ signal, flag }) => signal === "SIGKILL" && flag !== undefined);

test.runIf(isHere).for(cases)(
  "$program.name ended by $signal ($flag) is taken over with all it had",
  async ({ program, signal, flag }: (typeof cases)[number]) => {
    const dataDir = tempDir();
    const args = flag === undefined ? [] : [flag];
    const before = await ServerProcess.start(program, { dataDir, args });
    const { ports } = before;
    const revision = await fill(before);
    const expected = await visibleState(before, revision);
    await before.kill(signal);
    // What a crash in the middle of an earlier attempt leaves behind.
    const snap = join(dataDir, "member/snap");
    mkdirSync(join(snap, "store.lmdb.importing"));
    writeFileSync(join(snap, "store.lmdb.importing/data.mdb"), "half of a store");

    const ours = await start(dataDir, ports);
    expect(await visibleState(ours, revision)).toEqual(expected);
    expect(readdirSync(snap)).toContain("db.imported");
    expect(existsSync(join(snap, "db"))).toBe(false);
    await put(ours, "ours");
    const changed = await visibleState(ours, revision);
    await ours.kill("SIGKILL");

    const again = await start(dataDir, ports);
    expect(await visibleState(again, revision)).toEqual(changed);
    await again.kill("SIGTERM");
  },
);

async function start(dataDir: string, ports: ServerProcess["ports"]): Promise<ServerProcess> {
  return ServerProcess.start(etcdx as ServerCommand, { dataDir, ports });
}
