// SPDX-License-Identifier: Apache-2.0
//
// Power failures at any moment: what was synced is there, and of the rest some beginning.

import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../test/harness/seeded-random.ts";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import {
  buildWal,
  lastRecord,
  sampleEntry,
  WAL_DIRECTORY,
  withFile,
} from "../../../test/harness/wal-builder.ts";
import { foldRecords, type ModelRecord, prefixShown } from "../../../test/harness/wal-model.ts";
import { EMPTY_CONF_STATE, type Entry, type HardState } from "../raft/index.ts";
import { lastValidSnapshot, Wal } from "./index.ts";

const START = { index: 0, term: 0 };
const SEEDS = 80;
const LIVES = 4;
const STEPS_MAX = 40;

class Driver {
  readonly #random: SeededRandom;
  readonly #disk = new SimDisk();
  readonly #segmentBytes: number;
  #records: ModelRecord[] = [];
  #synced = 0;
  #wal: Wal;
  cuts = 0;
  repairs = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#segmentBytes = 1024 + this.#random.intBelow(20_000);
    this.#wal = Wal.create(this.#disk, "/m/wal", Buffer.from("meta"), this.#options());
  }

  #options() {
    return { segmentBytes: this.#segmentBytes };
  }

  /** One life: writes and syncs until the power fails, perhaps in the middle of something. */
  async live(): Promise<void> {
    const random = this.#random;
    const steps = random.intBelow(STEPS_MAX);
    const flights: Promise<unknown>[] = [];
    for (let step = 0; step < steps; step++) {
      if (random.chance(3)) this.#injectFault();
      try {
        this.#append();
        if (random.chance(50)) {
          if (random.chance(20)) this.#disk.holdSyncs();
          const written = this.#records.length;
          const flight = this.#wal.sync().then(() => {
            this.#synced = Math.max(this.#synced, written);
          });
          // A failed sync is the subject here: it must not count, which the model checks.
          flights.push(flight.catch(() => undefined));
          if (random.chance(70)) {
            this.#disk.releaseSyncs();
            await flight;
          }
        }
      } catch {
        expect(() => this.#wal.append(undefined, [])).toThrow("a write or a sync failed");
        break;
      }
    }
    if (random.chance(30)) {
      this.#disk.releaseSyncs();
      await Promise.all(flights);
    }
  }

  #injectFault(): void {
    const operations = ["write", "datasync", "fill", "rename", "truncate"] as const;
    const operation = operations[this.#random.intBelow(operations.length)] ?? "write";
    this.#disk.fail({ operation, code: "EIO", after: this.#random.intBelow(4) });
  }

  #append(): void {
    const random = this.#random;
    const { entries: log, hardState } = foldRecords(this.#records);
    const room = log.length - hardState.commit;
    const overwrites = random.chance(15) && room > 0;
    const first = overwrites ? log.length + 1 - random.intBelow(room) : log.length + 1;
    const lastTerm = log.at(-1)?.term ?? 1;
    const term = Math.max(hardState.term, lastTerm) + (overwrites || random.chance(5) ? 1 : 0);
    const entries = Array.from({ length: random.intBelow(5) }, (_, at): Entry => {
      const data = random.bytes(random.chance(10) ? random.intBelow(3000) : random.intBelow(200));
      // Values with long runs of zeros look like sectors that were never written.
      return { type: 0, term, index: first + at, data: random.chance(10) ? data.fill(0) : data };
    });
    const lastIndex = entries.at(-1)?.index ?? log.length;
    const commitMin = hardState.commit;
    const commit = commitMin + random.intBelow(Math.max(1, lastIndex - commitMin + 1));
    const state: HardState | undefined = random.chance(60) ? { term, vote: 7n, commit } : undefined;
    for (const entry of entries) this.#records.push({ kind: "entry", entry });
    if (state !== undefined) this.#records.push({ kind: "state", state });
    this.#wal.append(state, entries);
    if (hardState.commit > 0 && random.chance(5))
      this.#wal.saveSnapshot(hardState.commit, hardState.term, EMPTY_CONF_STATE);
  }

  /** The power fails; the log is opened again and compared with what was written. */
  crashAndCheck(): void {
    this.#disk.crash({ seed: this.#random.intBelow(2 ** 32) });
    const opened = Wal.open(this.#disk, "/m/wal", { index: 0, term: 0 }, this.#options());
    const shown = prefixShown(this.#records, this.#synced, opened);
    expect(shown, "records shown after the crash").toBeDefined();
    this.#records = this.#records.slice(0, shown);
    // What opening has shown may be acted upon, so it must not vanish in the next crash.
    this.#synced = this.#records.length;
    this.#wal = opened.wal;
    this.cuts = this.#disk.list("/m/wal").filter((name) => name.endsWith(".wal")).length - 1;
    if (opened.repaired !== undefined) this.repairs++;
  }
}

describe("a log after power failures", () => {
  test("shows everything synced and a beginning of the rest, whatever the disk kept", async () => {
    let cuts = 0;
    let repairs = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const driver = new Driver(seed);
      try {
        for (let life = 0; life < LIVES; life++) {
          await driver.live();
          driver.crashAndCheck();
        }
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      cuts += driver.cuts;
      repairs += driver.repairs;
    }
    // Otherwise the seeds have stopped reaching what they are here for.
    expect(cuts).toBeGreaterThan(SEEDS / 4);
    expect(repairs).toBeGreaterThan(SEEDS / 20);
  });

  test("never meets the rest of an unfinished write again after it was opened", () => {
    const path = `${WAL_DIRECTORY}/0000000000000000-0000000000000000.wal`;
    const options = { segmentBytes: 16384 };
    for (let seed = 0; seed < 300; seed++) {
      // The first sector of a record of 4000 bytes was lost, the others were written.
      const disk = buildWal(2, options);
      const opened = Wal.open(disk, WAL_DIRECTORY, START, options);
      opened.wal.append(undefined, [sampleEntry(3, { bytes: 4000 })]);
      opened.wal.close();
      const { start } = lastRecord(disk);
      const sectorEnd = Math.ceil((start + 1) / 512) * 512;
      const torn = withFile(disk, path, disk.readFile(path).fill(0, start, sectorEnd));
      const { wal } = Wal.open(torn, WAL_DIRECTORY, START, options);
      wal.append(undefined, [sampleEntry(3, { term: 2, bytes: 3000 })]);
      torn.crash({ seed });
      const { entries } = Wal.open(torn, WAL_DIRECTORY, START, options);
      expect(entries.length).toBeGreaterThanOrEqual(2);
      expect(entries[2]?.term ?? 2).toBe(2);
    }
  });
});

test("what a failed sync left behind is safe once the log was opened again", () => {
  for (let seed = 0; seed < 10; seed++) {
    const disk = new SimDisk();
    const wal = Wal.create(disk, WAL_DIRECTORY, Buffer.from("m"));
    wal.append(undefined, [sampleEntry(1)]);
    disk.fail({ operation: "datasync", code: "EIO" });
    expect(() => wal.syncNow()).toThrow("EIO");
    // The process ends and the machine goes on: the system shows what it will never write.
    disk.killProcess();
    expect(Wal.open(disk, WAL_DIRECTORY, START).entries).toHaveLength(1);
    disk.crash({ seed });
    expect(Wal.open(disk, WAL_DIRECTORY, START).entries).toHaveLength(1);
  }
});

test("segments that are purged one after another leave no hole", () => {
  for (let seed = 0; seed < 20; seed++) {
    const disk = new SimDisk();
    const options = { segmentBytes: 512 };
    const wal = Wal.create(disk, WAL_DIRECTORY, Buffer.from("m"), options);
    for (let index = 1; index <= 40; index++) {
      wal.append({ term: 1, vote: 1n, commit: index }, [sampleEntry(index, { bytes: 100 })]);
      wal.syncNow();
    }
    wal.saveSnapshot(39, 1, EMPTY_CONF_STATE);
    wal.syncNow();
    wal.releaseTo(39);
    expect(wal.purge(1).length).toBeGreaterThan(2);
    disk.crash({ seed });
    const start = { index: 39, term: 1 };
    expect(lastValidSnapshot(disk, WAL_DIRECTORY)?.index).toBe(39);
    expect(Wal.open(disk, WAL_DIRECTORY, start, options).entries).toHaveLength(1);
  }
});
