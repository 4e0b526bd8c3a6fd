// SPDX-License-Identifier: Apache-2.0
//
// A data directory of genuine etcd with users, roles and leases, served by us and given back:
// genuine etcd has to find all of it, whether or not anything was written meanwhile.

import { join } from "node:path";
import { expect, test } from "vitest";
import { Lease } from "../../src/api/gen/leasepb.ts";
import { BoltReader } from "../../src/core/bolt/index.ts";
import { editDatabase } from "../../src/core/etcd-db/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import {
  etcdxCommand,
  genuineCommand,
  olderCommands,
  type ServerCommand,
} from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough } from "../harness/thorough.ts";
import { genuineEtcdutl, runEtcdutl } from "./etcdutl-process.ts";
import { runEtcdx } from "./etcdx-process.ts";
import { fillRich, richState } from "./rich-state.ts";
import { fill, put, visibleState } from "./visible-state.ts";

const etcdx = etcdxCommand();
const etcd = genuineCommand();
const etcdutl = genuineEtcdutl() ?? "";
const isHere = isThorough && etcdx !== undefined && etcd !== undefined && etcdutl !== "";
if (!isHere) console.log("export: not thorough, or genuine etcd 3.7.1 is missing; left out");

const ours = etcdx as ServerCommand;
const genuine = etcd as ServerCommand;
const TIMEOUT_MS = 120_000;
const SECONDS_LEFT = 1234;
/** More than a test takes. */
const SECONDS_SPENT_MAX = 100;

/** What a checkpoint notes of the lease 7, which etcd writes every five minutes. */
function noteCheckpoint(dataDir: string): void {
  const file = new NodeDisk().open(join(dataDir, "member/snap/db"), "write");
  const key = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7);
  const reader = new BoltReader(file);
  const lease = Lease.decode(reader.bucket("lease")?.get(key) ?? new Uint8Array(0));
  const value = Lease.encode({ ...lease, RemainingTTL: SECONDS_LEFT });
  editDatabase(reader, file, new Map([["lease", { puts: [{ key, value }] }]]));
  file.close();
}

interface State {
  readonly visible: Readonly<Record<string, unknown>>;
  readonly rich: Readonly<Record<string, unknown>>;
}

/** Everything that must be the same, the revision given being one that is not compacted. */
async function stateOf(server: ServerProcess, revision: number): Promise<State> {
  const { state, secondsLeft } = await richState(server);
  const [left = 0] = secondsLeft;
  expect(left).toBeLessThanOrEqual(SECONDS_LEFT);
  expect(left).toBeGreaterThan(SECONDS_LEFT - SECONDS_SPENT_MAX);
  return { visible: await visibleState(server, revision), rich: state };
}

/** What a put leaves as it is: users, roles, leases. */
function withoutKeys({ rich }: State): Partial<State["rich"]> {
  const { hash, whole, ...rest } = rich;
  return rest;
}

test.runIf(isHere).for([
  { version: "3.7", writes: false },
  { version: "3.6", writes: true },
])(
  "users, roles and leases come through us and back (for $version, writes: $writes)",
  { timeout: TIMEOUT_MS },
  async ({ version, writes }) => {
    const dataDir = tempDir();
    const first = await ServerProcess.start(genuine, { dataDir });
    const { ports } = first;
    await fillRich(first);
    const revision = await fill(first);
    await first.kill("SIGTERM");
    noteCheckpoint(dataDir);
    const before = await ServerProcess.start(genuine, { dataDir, ports });
    const unchanged = await stateOf(before, revision);
    await before.kill("SIGTERM");

    const taken = await ServerProcess.start(ours, { dataDir, ports });
    if (writes) await put(taken, "ours");
    const seen = await visibleState(taken, revision);
    await taken.kill("SIGTERM");
    const back = join(tempDir(), "back");
    const words = ["util", "export", "--data-dir", dataDir, "--to", back];
    const { status, stderr } = await runEtcdx([...words, `--storage-version=${version}`]);
    expect(status, stderr).toBe(0);
    const asked = ["snapshot", "status", join(back, "member/snap/db"), "-w=json"];
    const told: unknown = JSON.parse(runEtcdutl(etcdutl, asked).stdout);
    expect(told).toMatchObject({ version: `${version}.0` });
    // The older program itself, where it has been built.
    const older = olderCommands().find(({ name }) => name === `etcd ${version}`);
    const given = await ServerProcess.start(older ?? genuine, { dataDir: back, ports });
    const state = await stateOf(given, revision);
    expect(state.visible).toEqual(seen);
    if (writes) expect(withoutKeys(state)).toEqual(withoutKeys(unchanged));
    // The hash of all buckets covers what no call shows, such as passwords.
    else expect(state).toEqual(unchanged);
    await given.kill("SIGTERM");
  },
);
