// SPDX-License-Identifier: Apache-2.0

import type { AppendEffect } from "../../src/core/replica/index.ts";
import type { Wal } from "../../src/core/wal/index.ts";
import type { SimMachine } from "./contracts.ts";

interface Record {
  readonly kind: "record";
  readonly write: () => void;
  readonly done: () => void;
}

type Work = AppendEffect | Record;

/**
 * Carries out appends as the server's log writer does: what has gathered is written at once and
 * synced once, and while that goes on, more gathers.
 */
export class DiskWork {
  readonly #machine: SimMachine;
  readonly #wal: Wal;
  readonly #onAppended: (append: AppendEffect) => void;
  readonly #wake: () => void;
  #gathered: Work[] = [];
  #isSyncing = false;
  #isDead = false;

  constructor(
    machine: SimMachine,
    wal: Wal,
    onAppended: (append: AppendEffect) => void,
    wake: () => void,
  ) {
    this.#machine = machine;
    this.#wal = wal;
    this.#onAppended = onAppended;
    this.#wake = wake;
  }

  get isSyncing(): boolean {
    return this.#isSyncing;
  }

  append(effect: AppendEffect): void {
    this.#gathered.push(effect);
  }

  /** Writes something else than an append, in its turn, and says when it is durable. */
  record(write: () => void, done: () => void): void {
    this.#gathered.push({ kind: "record", write, done });
  }

  die(): void {
    this.#isDead = true;
  }

  /** Writes what has gathered. True when something was done at once, without a sync. */
  flush(): boolean {
    if (this.#isSyncing || this.#gathered.length === 0) return false;
    const batch = this.#gathered;
    this.#gathered = [];
    let mustSync = false;
    for (const work of batch) {
      this.#machine.step();
      mustSync = this.#write(work) || mustSync;
    }
    if (!mustSync) {
      this.#complete(batch);
      return true;
    }
    this.#isSyncing = true;
    const { random, stallMs, world } = this.#machine;
    const delayMs = world.tuning.syncMs * (0.2 + random.intBelow(1000) / 500) + stallMs;
    world.schedule.after(delayMs, () => {
      if (!this.#isDead) this.#machine.guard(() => this.#synced(batch));
    });
    return false;
  }

  #write(work: Work): boolean {
    if (work.kind === "record") {
      work.write();
      return true;
    }
    const { snapshot, hardState, entries } = work;
    if (snapshot !== undefined) {
      const { index, term, confState } = snapshot.metadata;
      this.#wal.saveSnapshot(index, term, confState);
      this.#machine.step();
    }
    this.#wal.append(hardState, entries);
    return work.mustSync || snapshot !== undefined;
  }

  #synced(batch: readonly Work[]): void {
    this.#wal.syncNow();
    this.#isSyncing = false;
    this.#complete(batch);
    this.#wake();
  }

  #complete(batch: readonly Work[]): void {
    for (const work of batch) {
      this.#machine.step();
      if (work.kind === "record") work.done();
      else this.#onAppended(work);
    }
  }
}
