// SPDX-License-Identifier: Apache-2.0
//
// What is left of a long lease when its member starts again, through the whole server. Its clock
// jumps ahead, since etcd has no flag for the time between two checkpoints.

import { expect, onTestFinished, test } from "vitest";
import { LeaseService, MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import type { Clock } from "../../src/base/contracts/clock.ts";
import { silentLogger } from "../../src/base/contracts/logger.ts";
import { CHECKPOINT_INTERVAL_MS } from "../../src/core/lease/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { osRandom } from "../../src/platform/os-random.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { loadServerConfig, type ServerConfig } from "../../src/server/config/index.ts";
import { type RunningEtcd, startEtcd } from "../../src/server/embed/index.ts";
import { freePort } from "../harness/free-port.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { freshDataDir } from "./members.ts";

const TTL_SECONDS = 1000;
const JUMP_MS = CHECKPOINT_INTERVAL_MS + 1000;
const LEFT_SECONDS = TTL_SECONDS - JUMP_MS / 1000;
const LEASE = { ID: 77n };

class JumpingClock implements Clock {
  aheadMs = 0;

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.aheadMs;
  }

  unixMs(): number {
    return systemClock.unixMs() + this.aheadMs;
  }
}

async function configFor(dataDir: string, gates: string): Promise<ServerConfig> {
  const [client, peer] = [await freePort(), await freePort()];
  const flags = [
    `--data-dir=${dataDir}`,
    ...["listen", "advertise"].map((way) => `--${way}-client-urls=http://127.0.0.1:${client}`),
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--feature-gates=${gates}`,
  ];
  const loaded = loadServerConfig(flags, {}, () => "", { programName: "etcd" });
  if (loaded.kind !== "run") throw new Error(`the flags were refused: ${loaded.stderr}`);
  return loaded.config;
}

interface Running {
  readonly etcd: RunningEtcd;
  readonly client: GrpcClient;
  readonly clock: JumpingClock;
}

async function start(dataDir: string, gates: string): Promise<Running> {
  const clock = new JumpingClock();
  const config = await configFor(dataDir, gates);
  const outside = { disk: new NodeDisk(), clock, random: osRandom };
  const etcd = await startEtcd(config, silentLogger, outside);
  const client = new GrpcClient(new URL(etcd.clientUrls[0] ?? "").host);
  onTestFinished(async () => {
    client.close();
    await etcd.stop();
  });
  return { etcd, client, clock };
}

async function secondsLeft({ client }: Running): Promise<number> {
  return Number((await client.unary(LeaseService.leaseTimeToLive, LEASE)).TTL);
}

async function appliedIndex({ client }: Running): Promise<number> {
  return Number((await client.unary(MaintenanceService.status, {})).raftAppliedIndex);
}

/** Grants a lease in a member, lets time pass there, and answers with a second life of it. */
async function afterTime(gates: string, leaves: (member: Running) => Promise<void>) {
  const dataDir = freshDataDir();
  const member = await start(dataDir, gates);
  await member.client.unary(LeaseService.leaseGrant, { ...LEASE, TTL: TTL_SECONDS });
  await leaves(member);
  member.client.close();
  await member.etcd.stop();
  return start(dataDir, gates);
}

test.each(["LeaseCheckpoint=true", "LeaseCheckpoint=true,LeaseCheckpointPersist=true"])(
  "with %s a restart goes on with what was left",
  async (gates) => {
    const again = await afterTime(gates, async (member) => {
      const before = await appliedIndex(member);
      member.clock.aheadMs = JUMP_MS;
      await expect.poll(() => appliedIndex(member), { timeout: 30_000 }).toBeGreaterThan(before);
      expect(await secondsLeft(member)).toBeLessThanOrEqual(LEFT_SECONDS);
    });
    const left = await secondsLeft(again);
    expect(left).toBeLessThanOrEqual(LEFT_SECONDS + 1);
    expect(left).toBeGreaterThan(LEFT_SECONDS - 60);
  },
);

test("without it a restart gives a lease its whole time again", async () => {
  const again = await afterTime("", async (member) => {
    member.clock.aheadMs = JUMP_MS;
    expect(await secondsLeft(member)).toBeLessThanOrEqual(LEFT_SECONDS);
  });
  expect(await secondsLeft(again)).toBeGreaterThan(LEFT_SECONDS + 60);
});
