// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { invariant } from "../../src/base/invariant.ts";
import { databaseFileName } from "../../src/core/snap/index.ts";
import { PATHS, type SimMember } from "./contracts.ts";
import type { DiskWork } from "./disk-work.ts";

/** Segments that a member keeps although it does not need them. */
const SEGMENTS_MAX = 2;

/** Records snapshots of the own store, and keeps the states that came from a leader. */
export class SnapshotWork {
  readonly #member: SimMember;
  readonly #disk: DiskWork;
  #lastIndex: number;
  #isRunning = false;

  constructor(member: SimMember, disk: DiskWork) {
    this.#member = member;
    this.#disk = disk;
    this.#lastIndex = member.state.snapshotIndex;
  }

  /** Between turns: begins a snapshot if one is due. */
  check(): void {
    const { world } = this.#member.machine;
    const applied = this.#member.replica.appliedIndex;
    if (this.#isRunning || applied - this.#lastIndex <= world.tuning.snapshotEntries) return;
    this.take();
  }

  /** Commits the store, and records where it stands; the log before it is released. */
  take(): void {
    const member = this.#member;
    if (this.#isRunning) return;
    const { confState } = member.replica;
    const { backend } = member;
    const { consistentIndex: index, term } = backend.boundary;
    if (index <= this.#lastIndex) return;
    // While another commit is under way none begins: the next turn tries again.
    this.#isRunning = member.commit(() => {
      this.#isRunning = false;
      if (member.backend !== backend || index <= this.#lastIndex) return;
      this.#isRunning = true;
      this.#disk.record(
        () => member.state.wal.saveSnapshot(index, term, confState),
        () => this.#recorded(index),
      );
      member.wake();
    });
  }

  /** A snapshot of the leader has replaced the store. */
  installed(index: number): void {
    this.#lastIndex = index;
    this.#isRunning = false;
  }

  #recorded(index: number): void {
    const { machine, state } = this.#member;
    this.#isRunning = false;
    this.#lastIndex = index;
    state.wal.releaseTo(index);
    machine.world.coverage.saw("a local snapshot was recorded");
    if (state.wal.purge(SEGMENTS_MAX).length > 0) {
      machine.world.coverage.saw("a log segment was purged");
    }
  }

  /** Makes a received state safe on disk. */
  keepState(state: Uint8Array, index: number): void {
    const { disk } = this.#member.machine;
    const file = disk.open(statePath(index), "create");
    file.write(state, 0);
    file.datasyncNow();
    file.close();
    disk.syncDirectory(PATHS.snap);
  }

  /** The state that came with the snapshot at `index`. */
  stateOf(index: number): Uint8Array {
    const { disk } = this.#member.machine;
    invariant(disk.stat(statePath(index)) !== undefined, `the state of ${index} is not here`);
    return disk.readFile(statePath(index));
  }
}

export function statePath(index: number): string {
  return join(PATHS.snap, databaseFileName(index));
}
