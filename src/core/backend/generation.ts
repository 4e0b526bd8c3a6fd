// SPDX-License-Identifier: Apache-2.0

import { AppendOverlay } from "./append-overlay.ts";
import { HashOverlay } from "./hash-overlay.ts";
import { OperationLog } from "./operation-log.ts";
import type { Overlay } from "./overlay.ts";
import { TABLE_NUMBERS, TABLES } from "./tables.ts";

/** Tables that grow at their end. */
const APPENDED: ReadonlySet<number> = new Set([TABLE_NUMBERS.key]);
/**
 * Tables that are scanned where nothing can be put off to a later turn: the keys of a lease, when
 * it ends. Their writes pay for order, so that a scan finds no more than this left to do.
 */
const SCANNED_AT_ONCE: ReadonlySet<number> = new Set([
  TABLE_NUMBERS.leaseKeys,
  TABLE_NUMBERS.leaseKeysLong,
]);
const UNORDERED_KEYS_MAX = 2048;

/** What was written between two commits: the operations in order, and the last one per key. */
export class Generation {
  readonly log = new OperationLog();
  readonly #overlays: (Overlay | undefined)[] = TABLES.map(() => undefined);

  /** The overlay of a table, or undefined while nothing was written to it. */
  overlay(table: number): Overlay | undefined {
    return this.#overlays[table];
  }

  /** Takes in an operation that has just been appended to the log. */
  add(table: number, operation: number, below: number): void {
    let overlay = this.#overlays[table];
    if (overlay === undefined) {
      overlay = this.#createOverlay(table);
      this.#overlays[table] = overlay;
    }
    overlay.add(operation, below);
  }

  #createOverlay(table: number): Overlay {
    if (APPENDED.has(table)) return new AppendOverlay(this.log);
    const isEager = SCANNED_AT_ONCE.has(table);
    return isEager ? new HashOverlay(this.log, UNORDERED_KEYS_MAX) : new HashOverlay(this.log);
  }

  find(table: number, key: Uint8Array): number {
    return this.#overlays[table]?.find(key) ?? -1;
  }
}

/**
 * Generations of tables that are committed together: the one that takes writes, and the one that
 * is on its way to the disk.
 */
export class Lane {
  #active = new Generation();
  #flushing: Generation | undefined;
  /** What reads look through, newest first. */
  generations: readonly Generation[] = [this.#active];

  get active(): Generation {
    return this.#active;
  }

  get bytes(): number {
    return this.#active.log.bytes + (this.#flushing?.log.bytes ?? 0);
  }

  /** Puts the active generation on its way and begins a new one. */
  freeze(): Generation {
    const frozen = this.#active;
    this.#flushing = frozen;
    this.#active = new Generation();
    this.generations = [this.#active, frozen];
    return frozen;
  }

  /** What was on its way is on disk, and the base store shows it. */
  release(): void {
    this.#flushing = undefined;
    this.generations = [this.#active];
  }
}
