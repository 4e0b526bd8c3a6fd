// SPDX-License-Identifier: Apache-2.0
//
// Restores a large snapshot with genuine etcdutl and with our program, in turn:
//
//   node bench/restore.ts --keys 1000000 --rounds 3
//
// Needs genuine etcdutl (npm run interop:build). Prints the median time and the greatest resident
// memory of each.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { KeyValue } from "../src/api/gen/mvccpb.ts";
import { ETCD_BUCKETS, META_KEYS, revisionKey, writeDatabase } from "../src/core/etcd-db/index.ts";
import { NodeDisk } from "../src/platform/node-disk.ts";
import { createSha256 } from "../src/platform/sha256.ts";

const root = join(import.meta.dirname, "..");
const etcdutl = join(root, "test/interop/bin/etcdutl");
const VALUE_BYTES = 256;
/** Keys are written in an order that is not theirs. */
const STRIDE = 7919;
const POLL_MS = 10;

interface Run {
  readonly seconds: number;
  readonly residentBytes: number;
}

/** Writes a database of so many keys with its hash behind it. */
function writeSnapshot(path: string, keys: number): void {
  const disk = new NodeDisk();
  const file = disk.open(path, "create");
  const value = Buffer.alloc(VALUE_BYTES, "v");
  const { sizeBytes } = writeDatabase(file, (writer) => {
    for (const bucket of ETCD_BUCKETS) {
      writer.openBucket(bucket);
      if (bucket === "key") {
        for (let at = 0; at < keys; at++) {
          const key = Buffer.from(`key-${String((at * STRIDE) % keys).padStart(12, "0")}`);
          const revision = at + 2;
          const pair = { key, value, createRevision: revision, modRevision: revision, version: 1 };
          writer.put(revisionKey(revision, 0), KeyValue.encode(pair));
        }
      }
      if (bucket !== "meta") continue;
      const index = Buffer.alloc(8);
      index.writeBigUInt64BE(BigInt(keys));
      writer.put(META_KEYS.consistentIndex, index);
      writer.put(META_KEYS.storageVersion, Buffer.from("3.7.0"));
      writer.put(META_KEYS.term, Buffer.from([0, 0, 0, 0, 0, 0, 0, 2]));
    }
  });
  const digest = createSha256();
  const slice = new Uint8Array(1 << 20);
  for (let at = 0; at < sizeBytes; at += slice.length) {
    const count = file.readInto(slice, at);
    digest.update(slice.subarray(0, Math.min(count, sizeBytes - at)));
  }
  file.write(digest.finish(), sizeBytes);
  file.datasyncNow();
  file.close();
}

function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function measure(words: readonly string[]): Promise<Run> {
  const [program = "", ...rest] = words;
  const startMs = performance.now();
  const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (bytes: Buffer) => {
    log += bytes;
  });
  let code: number | null | undefined;
  child.once("close", (status) => {
    code = status;
  });
  let resident = 0;
  while (code === undefined) {
    resident = Math.max(resident, residentBytes(child.pid));
    await delay(POLL_MS);
  }
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}\n${log}`);
  return { seconds: (performance.now() - startMs) / 1000, residentBytes: resident };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const { values } = parseArgs({
  options: {
    keys: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "etcdx-bench-restore-"));
try {
  const snapshot = join(folder, "snapshot.db");
  writeSnapshot(snapshot, Number(values.keys));
  const bin = [process.execPath, join(root, "bin/etcdx"), "util"];
  const subjects = new Map<string, string[]>([
    ["etcdutl 3.7.1", existsSync(etcdutl) ? [etcdutl] : []],
    ["etcdx --format go", [...bin, "--format=go"]],
    ["etcdx", bin],
  ]);
  const runs = new Map<string, Run[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, words] of subjects) {
      if (words.length === 0 || !name.includes(values.only)) continue;
      const flags = words.filter((word) => word.startsWith("--"));
      const program = words.filter((word) => !word.startsWith("--"));
      const target = join(folder, "target");
      const run = await measure([
        ...program,
        ...["snapshot", "restore", snapshot, "--data-dir", target, ...flags],
      ]);
      runs.set(name, [...(runs.get(name) ?? []), run]);
      rmSync(target, { recursive: true, force: true });
    }
  }
  for (const [name, list] of runs) {
    const seconds = list.map((run) => run.seconds);
    const resident = Math.max(...list.map((run) => run.residentBytes)) / 2 ** 20;
    const all = seconds.map((each) => each.toFixed(1)).join(" ");
    console.log(
      `${name.padEnd(20)} ${median(seconds).toFixed(2)} s (${all}), ${resident.toFixed(0)} MiB`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
