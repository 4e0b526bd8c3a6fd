// SPDX-License-Identifier: Apache-2.0

import { binaryString, compareSlices } from "../../base/binary-string.ts";
import { HashOverlay } from "./hash-overlay.ts";
import type { OperationLog } from "./operation-log.ts";
import { NONE, type Overlay, type OverlayCursor } from "./overlay.ts";

/**
 * An overlay for a table that mostly grows at its end, as the revisions do: a sorted list of
 * operations and nothing else. What comes out of order, and every delete, goes to a hash overlay
 * that has precedence.
 */
export class AppendOverlay implements Overlay {
  readonly #log: OperationLog;
  readonly #appended: number[] = [];
  readonly #patches: HashOverlay;

  constructor(log: OperationLog) {
    this.#log = log;
    this.#patches = new HashOverlay(log);
  }

  get size(): number {
    return this.#appended.length + this.#patches.size;
  }

  add(operation: number, below: number): void {
    const log = this.#log;
    const last = this.#appended.at(-1);
    const isAbove = last === undefined || this.#compareOperations(last, operation) < 0;
    if (isAbove && this.#patches.size === 0 && log.isPut(operation)) {
      log.setBelow(operation, below);
      this.#appended.push(operation);
      return;
    }
    const key = log.buffer(operation).subarray(log.keyStart(operation), log.valueStart(operation));
    if (isAbove && log.isPut(operation) && this.#patches.find(key) === NONE) {
      log.setBelow(operation, below);
      this.#appended.push(operation);
      return;
    }
    const at = this.#search(key);
    const appended = this.#matches(at, key) ? (this.#appended[at] as number) : NONE;
    this.#patches.add(operation, appended === NONE ? below : log.below(appended));
  }

  find(key: Uint8Array): number {
    const patch = this.#patches.find(key);
    if (patch !== NONE) return patch;
    const at = this.#search(key);
    return this.#matches(at, key) ? (this.#appended[at] as number) : NONE;
  }

  orderSome(keysMax: number): number {
    return this.#patches.orderSome(keysMax);
  }

  cursors(from: Uint8Array): OverlayCursor[] {
    const at = this.#search(from);
    const patches = this.#patches.cursors(from);
    if (at === this.#appended.length) return patches;
    return [...patches, new AppendCursor(this.#log, this.#appended, at)];
  }

  countChange(): number | undefined {
    return this.size === 0 ? 0 : undefined;
  }

  #matches(at: number, key: Uint8Array): boolean {
    const operation = this.#appended[at];
    return operation !== undefined && this.#compare(operation, key, 0, key.length) === 0;
  }

  /** The first appended operation whose key is not below `key`. */
  #search(key: Uint8Array): number {
    let low = 0;
    let high = this.#appended.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = this.#compare(this.#appended[middle] as number, key, 0, key.length);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compareOperations(a: number, b: number): number {
    const log = this.#log;
    return this.#compare(a, log.buffer(b), log.keyStart(b), log.valueStart(b));
  }

  #compare(operation: number, key: Uint8Array, keyStart: number, keyEnd: number): number {
    const log = this.#log;
    const buffer = log.buffer(operation);
    const start = log.keyStart(operation);
    return compareSlices(buffer, start, log.valueStart(operation), key, keyStart, keyEnd);
  }
}

class AppendCursor implements OverlayCursor {
  readonly #log: OperationLog;
  readonly #appended: readonly number[];
  #at: number;
  key: string | undefined;

  constructor(log: OperationLog, appended: readonly number[], at: number) {
    this.#log = log;
    this.#appended = appended;
    this.#at = at;
    this.key = this.#keyAt();
  }

  get operation(): number {
    return this.#appended[this.#at] ?? NONE;
  }

  advance(): void {
    this.#at++;
    this.key = this.#keyAt();
  }

  #keyAt(): string | undefined {
    const operation = this.#appended[this.#at];
    if (operation === undefined) return undefined;
    const log = this.#log;
    return binaryString(log.buffer(operation), log.keyStart(operation), log.valueStart(operation));
  }
}
