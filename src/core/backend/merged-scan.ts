// SPDX-License-Identifier: Apache-2.0

import { binaryString, bytesOf, compareSlices } from "../../base/binary-string.ts";
import type { RowVisitor } from "./backend.ts";
import type { Generation } from "./generation.ts";
import type { OperationLog } from "./operation-log.ts";
import type { OverlayCursor } from "./overlay.ts";

interface Source {
  readonly cursor: OverlayCursor;
  readonly log: OperationLog;
}

/**
 * The newest operation per key of several generations, in key order. Generations are given newest
 * first; of several operations on one key the first source's is taken.
 */
export class MergedOperations {
  readonly #sources: Source[] = [];
  readonly #end: string | undefined;
  #current: Source | undefined;
  /** The key at the position; undefined at the end. */
  key: string | undefined;
  #keyBytes: Uint8Array | undefined;

  constructor(
    generations: readonly Generation[],
    table: number,
    from: Uint8Array,
    to: Uint8Array | undefined,
  ) {
    this.#end = to === undefined ? undefined : binaryString(to, 0, to.length);
    for (const generation of generations) {
      const overlay = generation.overlay(table);
      if (overlay === undefined) continue;
      const { log } = generation;
      for (const cursor of overlay.cursors(from)) this.#sources.push({ cursor, log });
    }
    this.#settle();
  }

  get keyBytes(): Uint8Array {
    this.#keyBytes ??= bytesOf(this.key ?? "");
    return this.#keyBytes;
  }

  /** The log that holds the operation at the position. */
  get log(): OperationLog | undefined {
    return this.#current?.log;
  }

  get operation(): number {
    return this.#current?.cursor.operation ?? -1;
  }

  advance(): void {
    const passed = this.key;
    for (const { cursor } of this.#sources) if (cursor.key === passed) cursor.advance();
    this.#settle();
  }

  #settle(): void {
    let least: Source | undefined;
    let key: string | undefined;
    for (const source of this.#sources) {
      const candidate = source.cursor.key;
      if (candidate !== undefined && (key === undefined || candidate < key)) {
        key = candidate;
        least = source;
      }
    }
    if (key !== undefined && this.#end !== undefined && key >= this.#end) {
      key = undefined;
      least = undefined;
    }
    this.key = key;
    this.#current = least;
    this.#keyBytes = undefined;
  }

  /** Shows the row at the position to the visitor, unless it is a delete; false ends the scan. */
  emit(visit: RowVisitor): boolean {
    const log = this.log;
    const { operation } = this;
    if (log === undefined || !log.isPut(operation)) return true;
    const buffer = log.buffer(operation);
    const valueStart = log.valueStart(operation);
    const valueEnd = log.valueEnd(operation);
    return visit(buffer, log.keyStart(operation), valueStart, buffer, valueStart, valueEnd);
  }
}

/** A visitor for the rows below that lets the operations above show through. */
export function overlaid(above: MergedOperations, visit: RowVisitor): RowVisitor {
  return (keyBuffer, keyStart, keyEnd, valueBuffer, valueStart, valueEnd) => {
    const order = orderOf(above, keyBuffer, keyStart, keyEnd);
    if (order > 0) return visit(keyBuffer, keyStart, keyEnd, valueBuffer, valueStart, valueEnd);
    if (order === 0) {
      const goOn = above.emit(visit);
      above.advance();
      return goOn;
    }
    // The visitor may read while it looks at what comes before, and that overwrites what is lent.
    const key = Uint8Array.prototype.slice.call(keyBuffer, keyStart, keyEnd);
    const value = Uint8Array.prototype.slice.call(valueBuffer, valueStart, valueEnd);
    return emitUpTo(above, key, visit) ?? visit(key, 0, key.length, value, 0, value.length);
  };
}

/** Where the operation above stands to a key: before (negative), at it, or behind. */
function orderOf(above: MergedOperations, key: Uint8Array, start: number, end: number): number {
  if (above.key === undefined) return 1;
  const over = above.keyBytes;
  return compareSlices(over, 0, over.length, key, start, end);
}

/** Shows what stands up to the key; undefined when the row below is still to come. */
function emitUpTo(
  above: MergedOperations,
  key: Uint8Array,
  visit: RowVisitor,
): boolean | undefined {
  for (;;) {
    const order = orderOf(above, key, 0, key.length);
    if (order > 0) return undefined;
    const goOn = above.emit(visit);
    above.advance();
    if (!goOn) return false;
    if (order === 0) return true;
  }
}
