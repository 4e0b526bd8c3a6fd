// SPDX-License-Identifier: Apache-2.0

import { binaryString, compareSlices } from "../../base/binary-string.ts";
import { keyHash } from "./key-hash.ts";
import { BELOW_PRESENT, BELOW_UNKNOWN, type OperationLog } from "./operation-log.ts";
import { OrderedMap } from "./ordered-map.ts";
import { NONE, type Overlay, type OverlayCursor } from "./overlay.ts";

const SLOTS_MIN = 16;

/**
 * An overlay for tables whose keys come in any order: a hash table over the keys where they lie
 * in the log, without a string per key; and ordered views that take in new keys only when
 * somebody scans or counts, so that a stream of pure writes never pays for order.
 */
export class HashOverlay implements Overlay {
  readonly #log: OperationLog;
  readonly #unorderedMax: number;
  /** The latest operation of each key, in order of the keys' first appearance. */
  readonly #operations: number[] = [];
  readonly #hashes: number[] = [];
  /** Open addressing: an index into the operations plus one, or zero. */
  #slots = new Int32Array(SLOTS_MIN);
  readonly #ordered = new OrderedMap<number>();
  #orderedCount = 0;
  /** Keys that have at some time existed here but not below, or the other way round. */
  readonly #changed: number[] = [];
  readonly #isChanged = new Set<number>();
  readonly #changedOrder = new OrderedMap<number>();
  #changedOrderCount = 0;
  #belowIsKnown = true;

  /** Beyond `unorderedMax` keys without order, every further one has the oldest of them ordered. */
  constructor(log: OperationLog, unorderedMax: number = Number.POSITIVE_INFINITY) {
    this.#log = log;
    this.#unorderedMax = unorderedMax;
  }

  get size(): number {
    return this.#operations.length;
  }

  add(operation: number, below: number): void {
    const log = this.#log;
    const buffer = log.buffer(operation);
    const start = log.keyStart(operation);
    const end = log.valueStart(operation);
    const hash = keyHash(buffer, start, end);
    const slot = this.#slotOf(hash, buffer, start, end);
    let entry = (this.#slots[slot] as number) - 1;
    let known = below;
    if (entry === NONE) {
      entry = this.#operations.length;
      this.#slots[slot] = entry + 1;
      this.#hashes.push(hash);
      this.#operations.push(operation);
      if (this.#operations.length * 2 > this.#slots.length) this.#grow();
      if (this.#operations.length - this.#orderedCount > this.#unorderedMax) this.orderSome(1);
    } else {
      const previous = this.#operations[entry] as number;
      known = log.below(previous);
      log.supersede(previous);
      this.#operations[entry] = operation;
    }
    log.setBelow(operation, known);
    if (known === BELOW_UNKNOWN) this.#belowIsKnown = false;
    else if ((known === BELOW_PRESENT) !== log.isPut(operation)) this.#markChanged(entry);
  }

  find(key: Uint8Array): number {
    if (this.#operations.length === 0) return NONE;
    const hash = keyHash(key, 0, key.length);
    const entry = (this.#slots[this.#slotOf(hash, key, 0, key.length)] as number) - 1;
    return entry === NONE ? NONE : (this.#operations[entry] as number);
  }

  orderSome(keysMax: number): number {
    const end = Math.min(this.#orderedCount + keysMax, this.#operations.length);
    for (; this.#orderedCount < end; this.#orderedCount++) {
      this.#ordered.set(this.#keyText(this.#orderedCount), this.#orderedCount);
    }
    return this.#operations.length - this.#orderedCount;
  }

  cursors(from: Uint8Array): OverlayCursor[] {
    const operations = this.#operations;
    if (operations.length === 0) return [];
    this.orderSome(operations.length);
    const keys = this.#ordered.cursor(binaryString(from, 0, from.length));
    return [new HashCursor(keys, operations)];
  }

  countChange(from: Uint8Array, to: Uint8Array | undefined): number | undefined {
    if (!this.#belowIsKnown) return undefined;
    const changed = this.#changed;
    if (changed.length === 0) return 0;
    for (; this.#changedOrderCount < changed.length; this.#changedOrderCount++) {
      const entry = changed[this.#changedOrderCount] as number;
      this.#changedOrder.set(this.#keyText(entry), entry);
    }
    const end = to === undefined ? undefined : binaryString(to, 0, to.length);
    let change = 0;
    const cursor = this.#changedOrder.cursor(binaryString(from, 0, from.length));
    for (; cursor.key !== undefined; cursor.advance()) {
      if (end !== undefined && cursor.key >= end) break;
      const operation = this.#operations[cursor.value as number] as number;
      const isThere = this.#log.isPut(operation);
      const wasThere = this.#log.below(operation) === BELOW_PRESENT;
      if (isThere !== wasThere) change += isThere ? 1 : -1;
    }
    return change;
  }

  #markChanged(entry: number): void {
    if (this.#isChanged.has(entry)) return;
    this.#isChanged.add(entry);
    this.#changed.push(entry);
  }

  #keyText(entry: number): string {
    const log = this.#log;
    const operation = this.#operations[entry] as number;
    return binaryString(log.buffer(operation), log.keyStart(operation), log.valueStart(operation));
  }

  /** The slot of a key: the one that holds it, or the free one where it belongs. */
  #slotOf(hash: number, buffer: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (slots[slot] as number) - 1;
      if (entry === NONE) return slot;
      if (this.#hashes[entry] === hash && this.#isKey(entry, buffer, start, end)) return slot;
    }
  }

  #isKey(entry: number, buffer: Uint8Array, start: number, end: number): boolean {
    const log = this.#log;
    const operation = this.#operations[entry] as number;
    const keyEnd = log.valueStart(operation);
    const keyStart = log.keyStart(operation);
    if (keyEnd - keyStart !== end - start) return false;
    return compareSlices(log.buffer(operation), keyStart, keyEnd, buffer, start, end) === 0;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#hashes.length; entry++) {
      let slot = (this.#hashes[entry] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}

class HashCursor implements OverlayCursor {
  readonly #keys: ReturnType<OrderedMap<number>["cursor"]>;
  readonly #operations: readonly number[];

  constructor(keys: ReturnType<OrderedMap<number>["cursor"]>, operations: readonly number[]) {
    this.#keys = keys;
    this.#operations = operations;
  }

  get key(): string | undefined {
    return this.#keys.key;
  }

  get operation(): number {
    return this.#operations[this.#keys.value ?? -1] ?? NONE;
  }

  advance(): void {
    this.#keys.advance();
  }
}
