// SPDX-License-Identifier: Apache-2.0
//
// The key space on LMDB: puts over random keys, point reads, ranges, and opening. Run with
// `node bench/micro/mvcc.bench.ts [keys] [puts]`. Times are CPU microseconds: of the main thread,
// and of the whole process, which includes the writer thread and the flushes.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WireWriter } from "../../src/base/wire-writer.ts";
import { COMMIT_INTERVAL_MS, openLmdbBackend } from "../../src/core/backend/index.ts";
import { MvccStore, type PairSink } from "../../src/core/mvcc/index.ts";

export interface MvccFigures {
  readonly keys: number;
  readonly puts: number;
  readonly checksum: number;
}

const KEY_BYTES = 16;
const VALUE_BYTES = 256;
const BATCH = 500;
const EMPTY = new Uint8Array(0);

/** A small generator, so that every run writes the same keys. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state;
  };
}

class Keys {
  readonly #bytes = Buffer.alloc(KEY_BYTES, "k");

  at(number: number): Uint8Array {
    let rest = number;
    for (let position = KEY_BYTES - 1; position >= 4; position--) {
      this.#bytes[position] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return this.#bytes;
  }
}

class Stopwatch {
  readonly #wall = performance.now();
  readonly #main = process.threadCpuUsage();
  readonly #all = process.cpuUsage();

  report(name: string, count: number): void {
    const main = process.threadCpuUsage(this.#main);
    const all = process.cpuUsage(this.#all);
    const per = (total: number): string => (total / count).toFixed(3).padStart(9);
    const wall = (performance.now() - this.#wall) * 1000;
    const figures = [per(main.user + main.system), per(all.user + all.system), per(wall)];
    console.log(`${name.padEnd(34)} ${figures.join(" ")}`);
  }
}

async function puts(directory: string, keys: number, count: number): Promise<number> {
  const backend = await openLmdbBackend(directory);
  const store = new MvccStore(backend, { compactionHashes: false });
  const key = new Keys();
  const value = Buffer.alloc(VALUE_BYTES, "v");
  const random = randomNumbers(1);
  let committing: Promise<unknown> = Promise.resolve();
  let lastCommit = performance.now();
  const write = async (total: number, sequential: boolean): Promise<void> => {
    for (let done = 0; done < total; done++) {
      const txn = store.write();
      txn.put(key.at(sequential ? done : random() % keys), value, 0n);
      txn.end();
      backend.setConsistentIndex(done, 1);
      if (done % BATCH !== BATCH - 1) continue;
      if (backend.isFull) await committing;
      if (backend.wantsCommit || performance.now() - lastCommit > COMMIT_INTERVAL_MS) {
        lastCommit = performance.now();
        committing = backend.commit();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await backend.commit();
  };
  let watch = new Stopwatch();
  await write(keys, true);
  watch.report("put, new keys in order", keys);
  watch = new Stopwatch();
  await write(count, false);
  watch.report("put, random keys", count);
  const hash = store.currentRevision;
  await backend.close();
  return hash;
}

async function reads(directory: string, keys: number): Promise<number> {
  const backend = await openLmdbBackend(directory);
  const store = new MvccStore(backend, { compactionHashes: false });
  const key = new Keys();
  const random = randomNumbers(2);
  let checksum = 0;
  const current = { revision: 0, limit: 0 };
  const past = { revision: store.currentRevision - 1000, limit: 0 };
  const point = (options: typeof current): void => {
    const selected = store.range(key.at(random() % keys), EMPTY, options);
    if (selected.kind === "ok") checksum += selected.kvs[0]?.value.length ?? 0;
  };
  const range = (size: number, options: object): void => {
    const start = random() % Math.max(keys - size, 1);
    const from = Uint8Array.from(key.at(start));
    const to = Uint8Array.from(key.at(start + size));
    const selected = store.range(from, to, { ...current, ...options });
    if (selected.kind === "ok") for (const kv of selected.kvs) checksum += kv.end - kv.start;
  };
  const writer = new WireWriter(1 << 19);
  const pair: PairSink = (buffer, start, end) => writer.slice(buffer, start, end);
  const all = { rows: 10_000, pairs: 10_000, bytes: Number.POSITIVE_INFINITY };
  /** As a plain range is answered: from the store into the answer. */
  const sink = (size: number): void => {
    const start = random() % Math.max(keys - size, 1);
    const from = Uint8Array.from(key.at(start));
    const to = Uint8Array.from(key.at(start + size));
    const reader = store.reader(from, to, { revision: 0, keysOnly: false, holds: false });
    if (typeof reader === "string") throw new Error(reader);
    writer.reset();
    while (!reader.done) reader.readInto(all, pair);
    checksum += writer.length;
  };
  const measure = (name: string, count: number, per: number, action: () => void): void => {
    for (let done = 0; done < count / 4; done++) action();
    const watch = new Stopwatch();
    for (let done = 0; done < count; done++) action();
    watch.report(name, count * per);
  };
  measure("point read", 200_000, 1, () => point(current));
  measure("point read in the past", 50_000, 1, () => point(past));
  measure("range of 5 keys, per range", 20_000, 1, () => range(5, {}));
  measure("range of 1,000 keys, per key", 200, 1000, () => range(1000, {}));
  measure("the same into an answer", 200, 1000, () => sink(1000));
  measure("the same, keys only", 200, 1000, () => range(1000, { keysOnly: true }));
  measure("the same, count only", 200, 1000, () => range(1000, { countOnly: true }));
  measure("the same in the past", 100, 1000, () => range(1000, past));
  measure("first 500 of 50,000, per range", 50, 1, () => range(50_000, { limit: 500 }));
  await backend.close();
  return checksum;
}

async function opening(directory: string): Promise<void> {
  const watch = new Stopwatch();
  const backend = await openLmdbBackend(directory);
  const store = new MvccStore(backend);
  watch.report(`open, revision ${store.currentRevision}, in ms`, 1000);
  await backend.close();
}

/** Runs everything on a fresh directory. */
export async function runMvccBench(keys: number, count: number): Promise<MvccFigures> {
  const directory = mkdtempSync(join(tmpdir(), "mvcc-bench-"));
  try {
    console.log(
      `${"us".padEnd(34)} ${"main".padStart(9)} ${"process".padStart(9)} ${"wall".padStart(9)}`,
    );
    const revision = await puts(directory, keys, count);
    const checksum = revision + (await reads(directory, keys));
    await opening(directory);
    return { keys, puts: count, checksum };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (import.meta.main) {
  const [keys = "100000", count = "300000"] = process.argv.slice(2);
  console.log(JSON.stringify(await runMvccBench(Number(keys), Number(count))));
}
