// SPDX-License-Identifier: Apache-2.0
//
// The power fails before every single step of the disk while a member logs, takes snapshots,
// releases the log and deletes old files.

import { expect, test } from "vitest";
import { crashEverywhere } from "../../../test/harness/every-crash.ts";
import { SimClock } from "../../../test/harness/sim-clock.ts";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import { sampleEntries, sampleEntry, WAL_DIRECTORY } from "../../../test/harness/wal-builder.ts";
import { silentLogger } from "../../base/contracts/logger.ts";
import { MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { EMPTY_CONF_STATE, MemoryStorage } from "../../core/raft/index.ts";
import type { AppendEffect } from "../../core/replica/index.ts";
import { Snapshotter, snapFileName } from "../../core/snap/index.ts";
import { lastValidSnapshot, listSegments, Wal } from "../../core/wal/index.ts";
import { LogWriter } from "./log-writer.ts";
import { SnapshotWork } from "./snapshot-work.ts";

const SNAP_DIRECTORY = "/m/snap";
const SMALL = { segmentBytes: 1024 };
const ENTRY_BYTES = 200;
const CONF_STATE = { ...EMPTY_CONF_STATE, voters: [7n] };
const BATCHES = 7;
/** Databases that came from a leader: for a snapshot before ours, and for one that is yet to be. */
const OLD_DATABASE = 1;
const NEW_DATABASE = 9999;
/** More than are synced on the spot in one batch, fewer in the next. */
const BATCH_ENTRIES = [4, 1] as const;

class World {
  readonly disk = new SimDisk();
  readonly snapshotter = new Snapshotter(this.disk, SNAP_DIRECTORY);
  readonly clock = new SimClock();
  readonly backend = openMemoryBackend(new MemoryDisk());
  readonly failures: unknown[] = [];
  /** The last entry that was reported as durable. */
  done = 0;
  /** What the store has safely. */
  committed = 0;
  readonly #storage = new MemoryStorage();
  readonly #wal: Wal;
  readonly #log: LogWriter;
  readonly #snapshots: SnapshotWork;
  #last = 0;

  constructor() {
    for (const index of [OLD_DATABASE, NEW_DATABASE]) {
      this.disk.placeFile(this.snapshotter.databasePath(index), Uint8Array.of(1));
    }
    this.#wal = Wal.create(this.disk, WAL_DIRECTORY, Buffer.from("m"), SMALL);
    const failed = (error: unknown): void => {
      this.failures.push(error);
    };
    this.#log = new LogWriter({
      wal: this.#wal,
      clock: this.clock,
      observer: { wrote: () => {}, synced: () => {} },
      reads: () => 0,
      done: (append) => {
        this.done = append.entries.at(-1)?.index ?? this.done;
      },
      wake: () => {},
      failed,
    });
    this.#snapshots = new SnapshotWork(
      {
        backend: this.backend,
        storage: this.#storage,
        wal: this.#wal,
        clock: this.clock,
        logger: silentLogger,
        confState: () => CONF_STATE,
        membership: () => Buffer.from("{}"),
        commit: async () => {
          await this.backend.commit();
          this.committed = this.backend.boundary.consistentIndex;
          return true;
        },
        saveFile: async ({ index, term, confState, data }) => {
          await this.snapshotter.save({ data, metadata: { index, term, confState } });
        },
        record: (write) => this.#log.record(write),
        release: (index) => this.snapshotter.removeDatabasesBefore(index),
        failed,
      },
      { snapshotCount: 4, lastIndex: 0 },
    );
  }

  /** Some entries, applied as soon as they are durable, and a snapshot if one is due. */
  async batch(count: number): Promise<void> {
    const entries = sampleEntries(this.#last + 1, this.#last + count + 1, { bytes: ENTRY_BYTES });
    this.#last += count;
    this.#storage.append(entries);
    const hardState = { term: 1, vote: 7n, commit: this.#last };
    const append: AppendEffect = {
      kind: "append",
      snapshot: undefined,
      hardState,
      entries,
      mustSync: true,
      responses: [],
    };
    this.#log.append(append);
    this.#log.flush();
    await this.#log.settle();
    this.#throwFailure();
    this.backend.setConsistentIndex(this.done, 1);
    this.clock.advance(1000);
    this.#snapshots.check(this.done);
    await this.#snapshots.settle();
    this.#throwFailure();
    while ((await this.#wal.purgeAside(1)).length > 0);
    await this.snapshotter.purge(2);
  }

  #throwFailure(): void {
    if (this.failures.length > 0) throw this.failures[0];
  }
}

test("a member that crashes anywhere finds snapshot, file and log that belong together", async () => {
  const starts = new Set<number>();
  const firstSegments = new Set<number | undefined>();
  const oldDatabases = new Set<boolean>();
  const steps = await crashEverywhere({
    prepare: () => new World(),
    run: async (world) => {
      for (let batch = 0; batch < BATCHES; batch++) {
        await world.batch(BATCH_ENTRIES[batch % BATCH_ENTRIES.length] ?? 1);
      }
    },
    check: ({ disk, snapshotter, done, committed }) => {
      const start = lastValidSnapshot(disk, WAL_DIRECTORY) ?? { index: 0, term: 0 };
      starts.add(start.index);
      expect(start.index).toBeLessThanOrEqual(committed);
      const mark = { index: start.index, term: start.term };
      const { entries, wal } = Wal.open(disk, WAL_DIRECTORY, mark, SMALL);
      expect(start.index + entries.length).toBeGreaterThanOrEqual(done);
      for (const entry of entries) {
        const { data } = sampleEntry(entry.index, { bytes: ENTRY_BYTES });
        expect(Buffer.compare(entry.data, data)).toBe(0);
      }
      wal.close();
      firstSegments.add(listSegments(disk, WAL_DIRECTORY)[0]?.sequence);
      const isThere = (index: number) => disk.stat(snapshotter.databasePath(index)) !== undefined;
      expect(isThere(NEW_DATABASE)).toBe(true);
      // It goes with the first snapshot, once that is recorded.
      if (!isThere(OLD_DATABASE)) expect(start.index).toBeGreaterThan(0);
      oldDatabases.add(isThere(OLD_DATABASE));
      if (start.index === 0) return;
      const { snapshot, broken } = snapshotter.loadNewest(
        ({ metadata }) => metadata.index === start.index,
      );
      expect(broken).toEqual([]);
      expect(snapshot?.metadata).toEqual({ ...mark, confState: CONF_STATE });
      expect(disk.list(SNAP_DIRECTORY)).toContain(snapFileName(mark.term, mark.index));
    },
  });
  expect(starts.size).toBeGreaterThan(2);
  expect(oldDatabases.size).toBe(2);
  expect(firstSegments.size).toBeGreaterThan(2);
  expect(steps).toBeGreaterThan(60);
});
