// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import {
  type BoltWriter,
  type BoltWriterOptions,
  type ByteSink,
  type FinishedBolt,
  writeBoltFile,
} from "../bolt/index.ts";
import { ETCD_BUCKETS } from "./buckets.ts";

/**
 * Writes the buckets of a database in the order of their names. Etcd's ten are there in the end,
 * empty where nothing was put: a member that receives a database without one stops.
 */
export class DatabaseWriter {
  readonly #bolt: BoltWriter;
  readonly #missing: string[] = [...ETCD_BUCKETS];
  #isOpen = false;

  constructor(bolt: BoltWriter) {
    this.#bolt = bolt;
  }

  /** Begins a bucket and ends the one before. Names come in ascending byte order. */
  openBucket(name: string): void {
    this.#close();
    while (this.#missing[0] !== undefined && this.#missing[0] < name) this.#addEmpty();
    if (this.#missing[0] === name) this.#missing.shift();
    this.#bolt.openBucket(name);
    this.#isOpen = true;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    invariant(this.#isOpen, "a pair belongs into an open bucket");
    this.#bolt.put(key, value);
  }

  /** The same for a pair within one buffer: key [start, middle), value [middle, end). */
  putRange(bytes: Uint8Array, start: number, middle: number, end: number): void {
    invariant(this.#isOpen, "a pair belongs into an open bucket");
    this.#bolt.putRange(bytes, start, middle, bytes, middle, end);
  }

  /** The same for a key and a value that lie within larger buffers. */
  putPair(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    invariant(this.#isOpen, "a pair belongs into an open bucket");
    this.#bolt.putRange(keys, keyStart, keyEnd, values, valueStart, valueEnd);
  }

  /** Ends the last bucket and adds those that are missing. */
  finish(): void {
    this.#close();
    while (this.#missing.length > 0) this.#addEmpty();
  }

  #close(): void {
    if (this.#isOpen) this.#bolt.closeBucket();
    this.#isOpen = false;
  }

  #addEmpty(): void {
    const name = this.#missing.shift();
    invariant(name !== undefined, "a bucket is missing");
    this.#bolt.openBucket(name);
    this.#bolt.closeBucket();
  }
}

/** Writes a database into an empty file and makes it durable. Equal input gives equal bytes. */
export function writeDatabase(
  sink: ByteSink,
  fill: (writer: DatabaseWriter) => void,
  options: BoltWriterOptions = {},
): FinishedBolt {
  return writeBoltFile(sink, options, (bolt) => {
    const writer = new DatabaseWriter(bolt);
    fill(writer);
    writer.finish();
  });
}
