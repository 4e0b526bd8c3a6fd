// SPDX-License-Identifier: Apache-2.0

import { binaryString, compareSlices } from "./binary-string.ts";
import type { OperationLog } from "./operation-log.ts";
import { OrderedMap } from "./ordered-map.ts";

/** No operation of this key. */
export const NONE = -1;

/** Steps over an overlay's last operations in key order. */
export interface OverlayCursor {
  /** The key at the cursor; undefined at the end. */
  readonly key: string | undefined;
  readonly operation: number;
  advance(): void;
}

/** The latest operation per key of one table, found by key and in key order. */
export interface Overlay {
  readonly size: number;
  put(key: Uint8Array, value: Uint8Array | undefined, below: number): void;
  /** The number of the latest operation on the key, or `NONE`. */
  find(key: Uint8Array): number;
  cursors(from: Uint8Array): OverlayCursor[];
}

/**
 * An overlay for tables whose keys come in any order: a hash map, and an ordered view that takes
 * in new keys only when somebody scans, so that a stream of pure writes never pays for order.
 */
export class HashOverlay implements Overlay {
  readonly #log: OperationLog;
  readonly #table: number;
  readonly #operations = new Map<string, number>();
  readonly #ordered = new OrderedMap<undefined>();
  #unordered: string[] = [];

  constructor(log: OperationLog, table: number) {
    this.#log = log;
    this.#table = table;
  }

  get size(): number {
    return this.#operations.size;
  }

  put(key: Uint8Array, value: Uint8Array | undefined, below: number): void {
    const text = binaryString(key, 0, key.length);
    const previous = this.#operations.get(text);
    if (previous === undefined) this.#unordered.push(text);
    else {
      this.#log.supersede(previous);
      below = this.#log.below(previous);
    }
    this.#operations.set(text, this.#log.append(this.#table, key, value, below));
  }

  find(key: Uint8Array): number {
    if (this.#operations.size === 0) return NONE;
    return this.#operations.get(binaryString(key, 0, key.length)) ?? NONE;
  }

  cursors(from: Uint8Array): OverlayCursor[] {
    for (const text of this.#unordered) this.#ordered.set(text, undefined);
    if (this.#unordered.length > 0) this.#unordered = [];
    if (this.#operations.size === 0) return [];
    const keys = this.#ordered.cursor(binaryString(from, 0, from.length));
    return [new HashCursor(keys, this.#operations)];
  }
}

class HashCursor implements OverlayCursor {
  readonly #keys: ReturnType<OrderedMap<undefined>["cursor"]>;
  readonly #operations: ReadonlyMap<string, number>;
  key: string | undefined;

  constructor(
    keys: ReturnType<OrderedMap<undefined>["cursor"]>,
    operations: ReadonlyMap<string, number>,
  ) {
    this.#keys = keys;
    this.#operations = operations;
    this.key = keys.key;
  }

  get operation(): number {
    return this.key === undefined ? NONE : (this.#operations.get(this.key) ?? NONE);
  }

  advance(): void {
    this.#keys.advance();
    this.key = this.#keys.key;
  }
}

/**
 * An overlay for a table that mostly grows at its end, as the revisions do: a list of operations
 * without any key strings. What comes out of order, and every delete, goes to a hash overlay that
 * has precedence.
 */
export class AppendOverlay implements Overlay {
  readonly #log: OperationLog;
  readonly #table: number;
  readonly #appended: number[] = [];
  readonly #patches: HashOverlay;

  constructor(log: OperationLog, table: number) {
    this.#log = log;
    this.#table = table;
    this.#patches = new HashOverlay(log, table);
  }

  get size(): number {
    return this.#appended.length + this.#patches.size;
  }

  put(key: Uint8Array, value: Uint8Array | undefined, below: number): void {
    if (value === undefined || !this.#isAppend(key)) {
      const appended = this.#search(key);
      if (this.#matches(appended, key)) below = this.#belowOf(appended);
      this.#patches.put(key, value, below);
    } else this.#appended.push(this.#log.append(this.#table, key, value, below));
  }

  find(key: Uint8Array): number {
    const patch = this.#patches.find(key);
    if (patch !== NONE) return patch;
    const at = this.#search(key);
    return this.#matches(at, key) ? (this.#appended[at] as number) : NONE;
  }

  cursors(from: Uint8Array): OverlayCursor[] {
    const at = this.#search(from);
    const patches = this.#patches.cursors(from);
    if (at === this.#appended.length) return patches;
    return [...patches, new AppendCursor(this.#log, this.#appended, at)];
  }

  #isAppend(key: Uint8Array): boolean {
    const last = this.#appended.at(-1);
    if (last !== undefined && this.#compare(last, key) >= 0) return false;
    return this.#patches.find(key) === NONE;
  }

  #belowOf(at: number): number {
    return this.#log.below(this.#appended[at] as number);
  }

  #matches(at: number, key: Uint8Array): boolean {
    const operation = this.#appended[at];
    return operation !== undefined && this.#compare(operation, key) === 0;
  }

  /** The first appended operation whose key is not below `key`. */
  #search(key: Uint8Array): number {
    let low = 0;
    let high = this.#appended.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#appended[middle] as number, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(operation: number, key: Uint8Array): number {
    const log = this.#log;
    const buffer = log.buffer(operation);
    const start = log.keyStart(operation);
    return compareSlices(buffer, start, log.valueStart(operation), key, 0, key.length);
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
