// SPDX-License-Identifier: Apache-2.0
//
// Kills the real program with SIGKILL while it builds a directory: the target must be absent or
// whole, the source unchanged, and the next run must succeed and leave nothing beside it. By
// itself: node test/e2e/kill-runs.ts --runs 200 --seed 7

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openLmdbBackend } from "../../src/core/backend/index.ts";
import { BoltReader, checkBolt } from "../../src/core/bolt/index.ts";
import { databaseStatus, hashKv } from "../../src/core/etcd-db/index.ts";
import { KeyHistory } from "../../src/core/etcd-db/testing/key-history.ts";
import { lastValidSnapshot, readLog } from "../../src/core/wal/index.ts";
import { dataPaths } from "../../src/member/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { SeededRandom } from "../harness/seeded-random.ts";

const program = join(import.meta.dirname, "../../bin/etcdx");
const disk = new NodeDisk();
const CHANGES = 6000;

type Kind = "restore" | "restore-go" | "export";
const kinds: readonly Kind[] = ["restore", "restore-go", "export"];

export interface KillTally {
  readonly absent: number;
  readonly whole: number;
}

class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "etcdx-kills-"));
  readonly snapshot = join(this.folder, "snapshot.db");
  readonly member = join(this.folder, "member");
  readonly target = join(this.folder, "target");
  rows = 0;
  hash = 0;

  words(kind: Kind): string[] {
    if (kind === "export") return ["export", "--data-dir", this.member, "--to", this.target];
    const restore = ["snapshot", "restore", this.snapshot, "--data-dir", this.target];
    return kind === "restore" ? restore : [...restore, "--format=go"];
  }

  async prepare(): Promise<void> {
    const made = new KeyHistory();
    for (let at = 0; at < CHANGES; at++) made.change([[`key/${at % 2000}`, "v".repeat(200)]]);
    const { bytes } = made.file({ isFinished: true });
    const trailer = createHash("sha256").update(bytes).digest();
    writeFileSync(this.snapshot, Buffer.concat([bytes, trailer]));
    const reader = new BoltReader(disk.open(this.snapshot, "read"));
    this.rows = CHANGES;
    this.hash = hashOf(reader);
    await run(["snapshot", "restore", this.snapshot, "--data-dir", this.member]);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function hashOf(reader: BoltReader): number {
  const answer = hashKv(reader, 0);
  return answer.kind === "hash" ? answer.hash : -1;
}

/** Runs the program, and kills it some time after it began to work; gives how long that took. */
async function run(words: readonly string[], killAfterMs?: number): Promise<number> {
  const child = spawn(process.execPath, [program, "util", ...words], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const begun = Promise.withResolvers<number>();
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    begun.resolve(performance.now());
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => begun.resolve(performance.now()));
  const startMs = await begun.promise;
  if (killAfterMs !== undefined) {
    await delay(killAfterMs);
    child.kill("SIGKILL");
  }
  const code = await ended;
  if (killAfterMs === undefined && code !== 0) throw new Error(`${words.join(" ")}: ${log}`);
  return performance.now() - startMs;
}

/** Throws unless the target is everything that it has to be. */
async function checkWhole(bench: Bench, kind: Kind): Promise<void> {
  const paths = dataPaths(bench.target, undefined);
  const start = lastValidSnapshot(disk, paths.wal) ?? { index: 0, term: 0 };
  readLog(disk, paths.wal, { index: start.index, term: start.term });
  if (start.index !== 1) throw new Error(`the log starts at ${start.index}`);
  if (kind === "restore") {
    const backend = await openLmdbBackend(paths.store);
    const [rows, { consistentIndex }] = [backend.committedRows("key"), backend.boundary];
    await backend.close();
    if (rows !== bench.rows || consistentIndex !== 1) throw new Error(`${rows} rows in the store`);
    return;
  }
  const reader = new BoltReader(disk.open(paths.goDatabase, "read"));
  const { findings } = checkBolt(reader);
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  if (hashOf(reader) !== bench.hash) throw new Error("the database has another hash");
  databaseStatus(reader);
}

async function killOnce(bench: Bench, kind: Kind, afterMs: number): Promise<boolean> {
  const before = createHash("sha256").update(readFileSync(bench.snapshot)).digest("hex");
  await run(bench.words(kind), afterMs);
  const isThere = existsSync(bench.target);
  if (isThere) await checkWhole(bench, kind);
  const after = createHash("sha256").update(readFileSync(bench.snapshot)).digest("hex");
  if (before !== after) throw new Error("the snapshot was changed");
  rmSync(bench.target, { recursive: true, force: true });
  return isThere;
}

/** Kills so many runs, each kind in turn, and at last lets each kind finish. */
export async function killRuns(runs: number, seed: number): Promise<KillTally> {
  const random = new SeededRandom(seed);
  const bench = new Bench();
  const tally = { absent: 0, whole: 0 };
  try {
    await bench.prepare();
    const tookMs = new Map<Kind, number>();
    for (const kind of kinds) {
      tookMs.set(kind, await run(bench.words(kind)));
      rmSync(bench.target, { recursive: true, force: true });
    }
    for (let at = 0; at < runs; at++) {
      const kind = kinds[at % kinds.length] ?? "restore";
      const afterMs = random.intBelow(Math.ceil((tookMs.get(kind) ?? 0) * 1.1) + 1);
      const isThere = await killOnce(bench, kind, afterMs);
      tally[isThere ? "whole" : "absent"]++;
    }
    for (const kind of kinds) {
      await run(bench.words(kind));
      await checkWhole(bench, kind);
      rmSync(bench.target, { recursive: true, force: true });
    }
    const left = readdirSync(bench.folder);
    if (left.join() !== "member,snapshot.db") throw new Error(`left behind: ${left.join()}`);
    return tally;
  } finally {
    bench.dispose();
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { runs: { type: "string", default: "200" }, seed: { type: "string" } },
  });
  const seed = Number(values.seed ?? Date.now() % 100_000);
  console.log(`seed ${seed}`);
  console.log(await killRuns(Number(values.runs), seed));
}
