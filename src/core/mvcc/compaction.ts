// SPDX-License-Identifier: Apache-2.0

import type { Backend } from "../backend/index.ts";
import { DoomedRows } from "./doomed-rows.ts";
import { HashJob, type StoredHash } from "./hash.ts";
import { Head, Mark, readTrailer } from "./head.ts";
import type { KeyIndex } from "./key-index.ts";
import { KvView } from "./kv-view.ts";
import { encodeRevision, isTombstone, mainOf, subOf } from "./revision.ts";

/** How many hashes of past compactions are kept, as etcd 3.7 does. */
const HASHES_MAX = 10;
/** Below every revision. */
const NEVER = -1;

interface Due {
  readonly target: number;
  /** Whether the compaction before was complete when this one was asked for. */
  readonly isClean: boolean;
}

interface Run {
  readonly target: number;
  /** The compaction before, whose rows are all removed. */
  readonly previous: number;
  /** The hash pass, where it is wanted and not done yet. */
  hash: HashJob | undefined;
  /** What comes after the hash: superseded rows and tombstones, then the graves. */
  phase: "rows" | "graves";
  from: Uint8Array;
}

/**
 * Removes the rows that compactions have made unreachable. Every row names the one that it
 * superseded, so the rows written since the last compaction name all the garbage: the superseded
 * ones, and the tombstones below the target. Live rows from before are never looked at. A tombstone
 * at the target itself stays until the next compaction, as in etcd 3.7. Graves whose tombstone is
 * gone go last.
 *
 * The index may lag behind the rows on disk, and after a crash only a tombstone's row would tell
 * that its key is gone; so nothing is removed before the index is on disk up to the target.
 */
export class Compactor {
  readonly #backend: Backend;
  readonly #index: KeyIndex;
  readonly #computesHashes: boolean;
  readonly #due: Due[] = [];
  readonly #hashes: StoredHash[] = [];
  readonly #previous = new Mark();
  readonly #jump = new Mark();
  readonly #head = new Head();
  readonly #doomed = new DoomedRows();
  #run: Run | undefined;
  /** Rows removed since the start. */
  removedRows = 0;
  /** Revisions that are being read. */
  readonly #held: number[] = [];
  #finished: number;

  constructor(
    backend: Backend,
    index: KeyIndex,
    options: { readonly finished: number; readonly computesHashes: boolean },
  ) {
    this.#backend = backend;
    this.#index = index;
    this.#finished = options.finished;
    this.#computesHashes = options.computesHashes;
  }

  get isBusy(): boolean {
    return this.#run !== undefined || this.#due.length > 0;
  }

  /** The last compaction whose rows are all removed; -1 for none. */
  get finished(): number {
    return this.#finished;
  }

  /** Whether nothing can be done before the next commit of the backend. */
  get isWaiting(): boolean {
    const run = this.#run;
    if (run === undefined || run.hash !== undefined) return false;
    return this.#backend.durableIndexRevision < run.target;
  }

  /** `resumed`: asked for before the last restart. */
  schedule(target: number, resumed = false): void {
    this.#due.push({ target, isClean: !resumed && !this.isBusy });
  }

  /**
   * Keeps every row that is needed to read a revision until the returned function is called; all
   * rows, when none is given. A compaction at or below the revision takes nothing from it, so that
   * reads which begin after a compaction never delay it.
   */
  hold(revision = NEVER): () => void {
    let isHeld = true;
    this.#held.push(revision);
    return () => {
      if (isHeld) this.#held.splice(this.#held.indexOf(revision), 1);
      isHeld = false;
    };
  }

  storedHash(revision: number): StoredHash | undefined {
    return this.#hashes.find((hash) => hash.hashRevision === revision);
  }

  /** Looks at no more than so many rows; the target when a compaction has come to its end. */
  step(rowsMax: number): number | undefined {
    const run = this.#current();
    if (run === undefined) return undefined;
    if (run.hash !== undefined) {
      const outcome = run.hash.step(rowsMax);
      if (!outcome.done) return undefined;
      this.#keep(outcome.result);
      run.hash = undefined;
      return undefined;
    }
    if (this.isWaiting) {
      this.#backend.wantIndex();
      return undefined;
    }
    if (this.#held.some((revision) => revision < run.target)) return undefined;
    if (!this.#remove(run, Math.max(rowsMax, 1))) return undefined;
    this.#run = undefined;
    this.#finished = run.target;
    return run.target;
  }

  #current(): Run | undefined {
    if (this.#run !== undefined) return this.#run;
    const due = this.#due.shift();
    if (due === undefined) return undefined;
    const { target, isClean } = due;
    const previous = this.#finished;
    const from = encodeRevision(Math.max(previous, 0), 0, false);
    const hash = isClean && this.#computesHashes ? this.#startHash(target, previous) : undefined;
    this.#run = { target, previous, hash, phase: "rows", from };
    return this.#run;
  }

  /** etcd keeps the hash only of a compaction that began when the one before was complete. */
  #startHash(revision: number, compactRevision: number): HashJob {
    return new HashJob(this.#backend, {
      revision,
      compactRevision,
      currentRevision: revision,
      finishedRevision: compactRevision,
      // A compaction keeps the tombstones of its own revision too, so that any change will do.
      hasKeys: (at) => lastChangeAt(this.#backend, at) !== undefined || this.#index.anyAt(at),
      hold: () => this.hold(),
    });
  }

  #keep(hash: StoredHash): void {
    this.#hashes.push(hash);
    if (this.#hashes.length > HASHES_MAX) this.#hashes.shift();
  }

  /** One slice of the removal; true at the end. */
  #remove(run: Run, rowsMax: number): boolean {
    if (run.phase === "graves") return this.#removeGraves(run, rowsMax);
    if (this.#removeRows(run, rowsMax)) {
      run.phase = "graves";
      run.from = new Uint8Array(0);
    }
    return false;
  }

  #removeRows(run: Run, rowsMax: number): boolean {
    if (!this.#backend.prepareScan("key", rowsMax)) return false;
    const doomed = this.#doomed;
    doomed.clear();
    const to = encodeRevision(run.target + 1, 0, false);
    let rows = 0;
    let ended = true;
    this.#backend.scan("key", run.from, to, (keys, keyStart, keyEnd, values, _start, end) => {
      if (rows === rowsMax) {
        run.from = Uint8Array.prototype.slice.call(keys, keyStart, keyEnd);
        ended = false;
        return false;
      }
      rows++;
      const main = mainOf(keys, keyStart);
      if (main > run.previous) {
        readTrailer(values, end, this.#previous, this.#jump);
        const { isSet, main: older, sub, tombstone } = this.#previous;
        const isDoomed = isSet && (!tombstone || older === run.target);
        if (isDoomed) doomed.add(older, sub, tombstone);
      }
      if (isTombstone(keyStart, keyEnd) && main < run.target) {
        doomed.add(main, subOf(keys, keyStart), true);
      }
      return true;
    });
    doomed.visit((row) => this.#backend.delete("key", row));
    this.removedRows += doomed.count;
    return ended;
  }

  /** Also takes away what a crash has left without its tombstone. */
  #removeGraves(run: Run, rowsMax: number): boolean {
    if (!this.#index.graves.prepareScan(rowsMax)) return false;
    const doomed: Uint8Array[] = [];
    let rows = 0;
    let ended = true;
    this.#index.graves.scan(run.from, undefined, (values, start, end) => {
      this.#head.read(values, start);
      const pair = new KvView(values, this.#head.keyValueStart, end);
      if (rows === rowsMax) {
        run.from = Uint8Array.prototype.slice.call(pair.key);
        ended = false;
        return false;
      }
      rows++;
      if (pair.modRevision < run.target) doomed.push(Uint8Array.prototype.slice.call(pair.key));
      return true;
    });
    for (const key of doomed) this.#index.graves.delete(key);
    return ended;
  }
}

/** How the last change of a revision left its key; undefined when there is none. */
export function lastChangeAt(backend: Backend, revision: number): "put" | "deleted" | undefined {
  const from = encodeRevision(revision, 0, false);
  const to = encodeRevision(revision + 1, 0, false);
  let last: "put" | "deleted" | undefined;
  backend.scan("key", from, to, (_keys, keyStart, keyEnd) => {
    last = isTombstone(keyStart, keyEnd) ? "deleted" : "put";
    return true;
  });
  return last;
}
