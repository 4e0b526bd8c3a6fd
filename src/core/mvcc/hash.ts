// SPDX-License-Identifier: Apache-2.0

import { crc32c } from "../../base/crc32c.ts";
import { invariant } from "../../base/invariant.ts";
import { type Backend, etcdValueEnd } from "../backend/index.ts";
import { Mark, readTrailer } from "./head.ts";
import { encodeRevision, isTombstone, mainOf, subOf } from "./revision.ts";
import { RevisionSet } from "./revision-set.ts";

const BUCKET = new TextEncoder().encode("key");

/** What HashKV answers. */
export interface StoredHash {
  readonly kind: "hash";
  readonly hash: number;
  /** The compact revision that the hash was computed with; -1 for none. */
  readonly compactRevision: number;
  readonly hashRevision: number;
  readonly currentRevision: number;
}

export interface HashInput {
  readonly revision: number;
  readonly compactRevision: number;
  readonly currentRevision: number;
  /** The compaction whose rows are all removed. */
  readonly finishedRevision: number;
  /** Whether etcd's set of rows to keep at the revision has any. */
  readonly hasKeys: (revision: number) => boolean;
  /** Keeps rows from being removed until the returned function is called. */
  readonly hold: () => () => void;
}

/**
 * The hash over the rows of `key` that etcd computes: CRC-32C over the bucket's name, then key
 * and value of every row up to the revision. A row at or below the compact revision counts only
 * when it is what its key had at the revision; a tombstone at the compact revision never does. If
 * no key existed at the revision, etcd drops the first of these rules, and hashes all rows that
 * the compaction leaves (server/storage/mvcc/hash.go, 3.7). As computed here, the hash is that of
 * a store whose compaction has come to its end, however far this one has got.
 *
 * Two passes in slices: the first collects what later rows have superseded at or below the
 * compact revision, the second hashes.
 */
export class HashJob {
  readonly kind = "job";
  readonly #backend: Backend;
  readonly #input: HashInput;
  readonly #release: () => void;
  readonly #superseded = new RevisionSet();
  /** Up to where rows are asked what they supersede. */
  readonly #collectTo: number;
  readonly #previous = new Mark();
  readonly #jump = new Mark();
  #pass: "collect" | "hash" | "done";
  #from: Uint8Array;
  #hash = crc32c(BUCKET);

  constructor(backend: Backend, input: HashInput) {
    this.#backend = backend;
    this.#input = input;
    this.#release = input.hold();
    const { revision, compactRevision } = input;
    this.#pass = compactRevision >= 0 ? "collect" : "hash";
    const keepsOnlyCurrent = this.#pass === "collect" && input.hasKeys(revision);
    this.#collectTo = keepsOnlyCurrent ? revision : compactRevision;
    const start = this.#pass === "collect" ? input.finishedRevision + 1 : 0;
    this.#from = encodeRevision(Math.max(start, 0), 0, false);
  }

  /** Works on at most so many rows; the hash when it is done. */
  step(maxRows: number): { done: false } | { done: true; result: StoredHash } {
    let left = Math.max(maxRows, 1);
    while (this.#pass !== "done" && left > 0) left -= this.#slice(left);
    if (this.#pass !== "done") return { done: false };
    const { compactRevision, revision, currentRevision } = this.#input;
    this.close();
    return {
      done: true,
      result: {
        kind: "hash",
        hash: this.#hash,
        compactRevision,
        hashRevision: revision,
        currentRevision,
      },
    };
  }

  /** Gives up; rows may be removed again. Harmless when the job is done. */
  close(): void {
    this.#pass = "done";
    this.#release();
  }

  /** One scan of the current pass; gives how many rows it took, at least one. */
  #slice(rowsMax: number): number {
    const last = this.#pass === "collect" ? this.#collectTo : this.#input.revision;
    // Up to a negative revision there are no rows; encoded, it would stand behind all of them.
    const to = encodeRevision(Math.max(last + 1, 0), 0, false);
    let rows = 0;
    let ended = true;
    this.#backend.scan("key", this.#from, to, (keys, keyStart, keyEnd, values, start, end) => {
      if (rows === rowsMax) {
        this.#from = Uint8Array.prototype.slice.call(keys, keyStart, keyEnd);
        ended = false;
        return false;
      }
      rows++;
      if (this.#pass === "collect") this.#collect(values, end);
      else this.#add(keys, keyStart, keyEnd, values, start, end);
      return true;
    });
    if (ended) this.#nextPass();
    return Math.max(rows, 1);
  }

  #nextPass(): void {
    invariant(this.#pass !== "done", "a finished hash goes no further");
    this.#pass = this.#pass === "collect" ? "hash" : "done";
    this.#from = encodeRevision(0, 0, false);
  }

  #collect(values: Uint8Array, end: number): void {
    readTrailer(values, end, this.#previous, this.#jump);
    const { isSet, main, sub } = this.#previous;
    if (isSet && main <= this.#input.compactRevision) this.#superseded.add(main, sub);
  }

  #add(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    start: number,
    end: number,
  ): void {
    const main = mainOf(keys, keyStart);
    const { compactRevision } = this.#input;
    if (main <= compactRevision) {
      if (isTombstone(keyStart, keyEnd)) return;
      if (this.#superseded.has(main, subOf(keys, keyStart))) return;
    }
    this.#hash = crc32c(keys, this.#hash, keyStart, keyEnd);
    this.#hash = crc32c(values, this.#hash, start, etcdValueEnd(values, start, end));
  }
}
