// SPDX-License-Identifier: Apache-2.0

import type { Message } from "./types.ts";

interface PendingRead {
  readonly request: Message;
  /** The commit index when the request came: what the reader has to have applied. */
  readonly index: number;
  /** Counts the reads of this leadership, from 1. */
  readonly number: number;
}

/**
 * Reads that wait until a quorum confirms the leadership. A heartbeat sent after a read carries
 * its number; who answers the number n has confirmed every read up to n, since leadership at a
 * later moment implies leadership before.
 */
export class ReadOnlyQueue {
  #pending: PendingRead[] = [];
  #lastNumber = 0;
  #acks = new Map<bigint, number>();

  get size(): number {
    return this.#pending.length;
  }

  /** Takes a read and returns its number. */
  add(request: Message, index: number): number {
    this.#lastNumber++;
    this.#pending.push({ request, index, number: this.#lastNumber });
    return this.#lastNumber;
  }

  /** The number that heartbeats carry now; undefined when nobody waits. */
  get lastNumber(): number | undefined {
    return this.#pending.length === 0 ? undefined : this.#lastNumber;
  }

  acknowledge(id: bigint, number: number): void {
    this.#acks.set(id, Math.max(number, this.#acks.get(id) ?? 0));
  }

  acked(id: bigint): number {
    return this.#acks.get(id) ?? 0;
  }

  /** Takes the reads up to `number`, in order. */
  takeUpTo(number: number): readonly PendingRead[] {
    let count = 0;
    while (count < this.#pending.length && (this.#pending[count]?.number ?? 0) <= number) count++;
    return this.#pending.splice(0, count);
  }
}

/** A heartbeat's context: the number of the last read, 8 bytes, little-endian. */
export function encodeReadNumber(number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number), true);
  return bytes;
}

/** Undefined for what is not such a number: older members put other contexts there. */
export function decodeReadNumber(context: Uint8Array): number | undefined {
  if (context.length !== 8) return undefined;
  const view = new DataView(context.buffer, context.byteOffset, 8);
  return Number(view.getBigUint64(0, true));
}
