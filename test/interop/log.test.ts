// SPDX-License-Identifier: Apache-2.0
//
// A log of many segments goes from us to genuine etcd, which replays it from its beginning, and
// back; its end is torn each time.

import { cpSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listRecords } from "../../src/core/wal/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { smallLogServer } from "../e2e/members.ts";
import { genuineCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough } from "../harness/thorough.ts";
import { fill, put, visibleState } from "./visible-state.ts";

const genuine = genuineCommand();
if (genuine === undefined) console.log("log: no genuine etcd here, left out");

const KEEPS_ALL = ["--max-snapshots=0", "--max-wals=0"];
const SMALL_SEGMENTS = smallLogServer(2048);

const walOf = (dataDir: string): string => join(dataDir, "member/wal");

function filesEnding(dataDir: string, end: string): string[] {
  return readdirSync(walOf(dataDir)).filter((name) => name.endsWith(end));
}

/** Begins a record behind the last one, as a power failure in the middle of a write leaves it. */
function tear(dataDir: string): void {
  const last = listRecords(new NodeDisk(), walOf(dataDir)).at(-1);
  if (last === undefined) throw new Error("the log has no record");
  const head = Buffer.alloc(8);
  head.writeUInt32LE(800);
  truncateSync(last.file, recordEnd(last.file, last.offset));
  writeFileSync(last.file, Buffer.concat([head, Buffer.alloc(100, 0x5a)]), { flag: "a" });
}

function recordEnd(path: string, offset: number): number {
  const file = new NodeDisk().open(path, "read");
  try {
    const head = Buffer.from(file.read(offset, 8));
    return offset + 8 + Math.ceil(head.readUInt32LE() / 8) * 8;
  } finally {
    file.close();
  }
}

test.runIf(genuine !== undefined && isThorough)(
  "genuine etcd replays a log of many segments that we wrote, and we go on with its own",
  async () => {
    if (genuine === undefined) return;
    const ownDir = tempDir();
    const ours = await ServerProcess.start(SMALL_SEGMENTS, { dataDir: ownDir, args: KEEPS_ALL });
    const { ports } = ours;
    const revision = await fill(ours);
    const expected = await visibleState(ours, revision);
    await ours.kill("SIGKILL");
    expect(filesEnding(ownDir, ".wal").length).toBeGreaterThan(4);

    const goDir = tempDir();
    mkdirSync(join(goDir, "member/snap"), { recursive: true });
    cpSync(walOf(ownDir), walOf(goDir), { recursive: true });
    tear(goDir);
    const theirs = await ServerProcess.start(genuine, { dataDir: goDir, ports, args: KEEPS_ALL });
    expect(await visibleState(theirs, revision)).toEqual(expected);
    expect(filesEnding(goDir, ".broken")).toHaveLength(1);
    await put(theirs, "theirs");
    const changed = await visibleState(theirs, revision);
    await theirs.kill("SIGKILL");

    tear(goDir);
    const back = await ServerProcess.start(SMALL_SEGMENTS, { dataDir: goDir, ports });
    expect(await visibleState(back, revision)).toEqual(changed);
    expect(back.log).toContain("repaired the end of the log, torn by a crash");
    await back.kill("SIGTERM");
  },
);
