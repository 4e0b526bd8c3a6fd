// SPDX-License-Identifier: Apache-2.0
//
// How many segments of the log and snapshot files a server keeps.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  clientOf,
  freshDataDir,
  ownServer,
  putMany,
  smallLogServer,
  startIn,
  storedKeys,
  walDirectory,
} from "./members.ts";

const ROUNDS = 3;
const PUTS = 40;
const KEEPS_ALL = ["--max-snapshots=0", "--max-wals=0"];
const SNAPSHOTS = ["--snapshot-count=10", "--log-level=info"];

function filesEnding(directory: string, end: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(end))
    .sort();
}

const snapDirectory = (dataDir: string): string => join(dataDir, "member/snap");
const snapshotsIn = (dataDir: string): string[] => filesEnding(snapDirectory(dataDir), ".snap");
const segmentsIn = (dataDir: string): string[] => filesEnding(walDirectory(dataDir), ".wal");

/** Starts a server, writes until it has recorded a snapshot, and stops it. */
async function addSnapshot(dataDir: string, round: number): Promise<void> {
  const command = smallLogServer(2048);
  const server = await startIn(dataDir, { command, args: [...SNAPSHOTS, ...KEEPS_ALL] });
  await putMany(clientOf(server), `round${round}/`, PUTS);
  await server.logged("saved snapshot to disk");
  await server.kill("SIGTERM");
}

test("what is beyond the limits goes at the start, and 0 keeps everything", async () => {
  const dataDir = freshDataDir();
  for (let round = 0; round < ROUNDS; round++) await addSnapshot(dataDir, round);
  const snapshots = snapshotsIn(dataDir);
  const segments = segmentsIn(dataDir);
  expect(snapshots).toHaveLength(ROUNDS);
  expect(segments.length).toBeGreaterThan(ROUNDS);
  const limits = ["--max-snapshots=2", "--max-wals=3"];
  const server = await startIn(dataDir, { args: [...limits, "--log-level=info"] });
  const doomed = segments.slice(0, -3);
  await server.logged(join(walDirectory(dataDir), doomed.at(-1) ?? ""));
  expect(snapshotsIn(dataDir)).toEqual(snapshots.slice(-2));
  expect(segmentsIn(dataDir).filter((name) => doomed.includes(name))).toEqual([]);
  expect(segmentsIn(dataDir)).toContain(segments.at(-1));
  await server.kill("SIGKILL");
  const again = await startIn(dataDir, { command: ownServer() });
  expect((await storedKeys(clientOf(again))).size).toBe(ROUNDS * PUTS);
});
