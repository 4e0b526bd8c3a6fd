// SPDX-License-Identifier: Apache-2.0

import type { KeyValue } from "../api/gen/mvccpb.ts";
import { equalBytes } from "../base/bytes.ts";
import type { LmdbFile } from "../core/backend/index.ts";
import { revisionKey } from "../core/etcd-db/index.ts";
import { DIRECT_KEY_BYTES_MAX, Head } from "../core/mvcc/index.ts";
import { pairOf, type RowPlace } from "./check-keys.ts";
import { bigEndian } from "./check-place.ts";
import type { StoreRows } from "./check-store.ts";
import { type Findings, REMEDY_RESTORE } from "./finding.ts";

const INDEX_REVISION = new TextEncoder().encode("revision");
const TOMBSTONE_MARK = 0x74;
/** So many keys may have changed behind the index before leases of keys are no longer looked at. */
const CHANGED_KEYS_MAX = 1_000_000;

/** A row of the key index: where the newest change of a key is. */
interface IndexRow {
  readonly main: number;
  readonly sub: number;
  readonly pair: KeyValue;
}

/**
 * The key index of our own store against the rows. A crash may leave the index behind the rows,
 * which a start makes up for; up to the revision that it is known to hold it must agree, and above
 * the last compaction, below which rows go away.
 */
export class IndexCheck {
  readonly #store: StoreRows;
  readonly #lmdb: LmdbFile;
  readonly #findings: Findings;
  readonly #upTo: number;
  readonly #head = new Head();
  /** Keys that have changed behind what the index holds: its rows of them may be out of date. */
  readonly #changed = new Set<string>();

  constructor(store: StoreRows, lmdb: LmdbFile, findings: Findings) {
    this.#store = store;
    this.#lmdb = lmdb;
    this.#findings = findings;
    this.#upTo = bigEndian(lmdb.get("indexState", INDEX_REVISION)) ?? 0;
  }

  /** A row of the key space: the index has to know this change of its key, or a later one. */
  row({ main, sub }: RowPlace, { key }: KeyValue, compactRevision: number): void {
    if (main > this.#upTo && this.#changed.size < CHANGED_KEYS_MAX) this.#changed.add(nameOf(key));
    if (main > this.#upTo || main <= compactRevision) return;
    // Longer keys lie in pieces in the index, and are only checked the other way round.
    if (key.length === 0 || key.length > DIRECT_KEY_BYTES_MAX) return;
    for (const table of ["head", "grave"]) {
      const value = this.#lmdb.get(table, key);
      const known = value === undefined ? undefined : this.#read(value);
      if (known === undefined || typeof known === "string") continue;
      if (known.main > main || (known.main === main && known.sub >= sub)) return;
    }
    this.#wrong(`the index does not know revision ${main}_${sub}`);
  }

  /** After all rows of the key space, those of the index: each stands for a row of the key space. */
  index(compactRevision: number, leases: ReadonlySet<bigint>): void {
    for (const table of ["head", "headLong", "grave", "graveLong"]) {
      const isGrave = table.startsWith("grave");
      this.#lmdb.each(table, (key, value) => {
        const row = this.#read(value);
        const problem =
          typeof row === "string" ? row : this.#problemOf(row, isGrave, compactRevision, leases);
        if (problem === undefined) return undefined;
        this.#wrong(`the row ${Buffer.from(key).toString("hex")} of ${table} ${problem}`);
        return undefined;
      });
    }
  }

  #problemOf(
    { main, sub, pair }: IndexRow,
    isGrave: boolean,
    compactRevision: number,
    leases: ReadonlySet<bigint>,
  ): string | undefined {
    if (main <= compactRevision && main > this.#upTo) return undefined;
    const name = `${main}_${sub}`;
    const plain = revisionKey(main, sub);
    const key = isGrave ? Uint8Array.of(...plain, TOMBSTONE_MARK) : plain;
    const row = this.#store.get("key", key);
    // The newest change of an existing key outlives compactions, unless the index is behind.
    if (row === undefined) {
      return main > compactRevision ? `stands for revision ${name}, which is missing` : undefined;
    }
    const found = pairOf(row);
    // What does not parse has been told when the rows were checked.
    if (typeof found === "string") return undefined;
    if (!equalBytes(found.key, pair.key)) return `stands for revision ${name} of another key`;
    if (isGrave || found.lease === 0n || leases.has(found.lease)) return undefined;
    const isKnown = this.#changed.size < CHANGED_KEYS_MAX && !this.#changed.has(nameOf(pair.key));
    if (!isKnown) return undefined;
    return `belongs to the lease ${BigInt.asUintN(64, found.lease).toString(16)}, which is missing`;
  }

  #read(value: Uint8Array): IndexRow | string {
    const head = this.#head;
    head.read(value, 0);
    const pair = pairOf(value.subarray(head.keyValueStart));
    return typeof pair === "string" ? pair : { main: pair.modRevision, sub: head.sub, pair };
  }

  #wrong(problem: string): void {
    this.#findings.error(this.#store.path, problem, REMEDY_RESTORE);
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}
