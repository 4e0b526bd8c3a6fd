// SPDX-License-Identifier: Apache-2.0

import type { Backend } from "../index.ts";

/** Older rows are deleted, so that there are free pages. */
const ROWS_KEPT = 4000;
const KEYS = 700;

const VALUE = Buffer.alloc(500, "v");

function rowKey(entry: number): Buffer {
  const key = Buffer.alloc(17, "_");
  key.writeBigUInt64BE(BigInt(entry));
  return key;
}

function putHead(backend: Backend, entry: number): void {
  backend.put("head", Buffer.from(`key ${(entry * 37) % KEYS}`), Buffer.from(String(entry)));
}

/** Makes up what a crash has left out of the index, as its owner does. */
export function makeUpIndex(backend: Backend): void {
  const { consistentIndex } = backend.boundary;
  for (let entry = backend.indexRevision + 1; entry <= consistentIndex; entry++) {
    putHead(backend, entry);
  }
}

/** Writes what an entry of the log changes; all of it follows from its number. */
export function writeDefragmentEntry(backend: Backend, entry: number): void {
  backend.put("key", rowKey(entry), VALUE, "absent");
  if (entry > ROWS_KEPT) backend.delete("key", rowKey(entry - ROWS_KEPT), "present");
  backend.put("auth", Buffer.from(`last ${entry % 7}`), Buffer.from(String(entry)));
  if (entry > 1) backend.delete("lease", Buffer.from(String(entry - 1)));
  backend.put("lease", Buffer.from(String(entry)), Buffer.from("x"));
  putHead(backend, entry);
  backend.indexRevision = entry;
  backend.setConsistentIndex(entry, 1);
}

/** What is wrong with a store that such entries have been written to; empty when nothing is. */
export function defragmentFaults(backend: Backend): string[] {
  const last = backend.boundary.consistentIndex;
  const faults: string[] = [];
  let expected = Math.max(1, last - ROWS_KEPT + 1);
  backend.forEach("key", (key) => {
    const entry = Number(Buffer.from(key).readBigUInt64BE());
    if (entry !== expected) faults.push(`row ${entry} where ${expected} should be`);
    expected = entry + 1;
  });
  if (expected !== last + 1) faults.push(`rows end before ${expected} instead of ${last + 1}`);
  backend.forEach("auth", (key, value) => {
    const entry = Number(Buffer.from(value).toString());
    const name = Buffer.from(key).toString();
    if (entry <= last - 7 || entry > last || name !== `last ${entry % 7}`) {
      faults.push(`${name} is ${entry} at ${last}`);
    }
  });
  const leases: string[] = [];
  backend.forEach("lease", (key) => leases.push(Buffer.from(key).toString()));
  if (leases.join() !== (last === 0 ? "" : String(last))) faults.push(`leases ${leases.join()}`);
  return [...faults, ...indexFaults(backend, last)].slice(0, 10);
}

/** The index holds at least what it says, and nothing that the rows do not. */
function indexFaults(backend: Backend, last: number): string[] {
  const faults: string[] = [];
  const upTo = backend.indexRevision;
  if (upTo > last) faults.push(`an index of ${upTo} at ${last}`);
  for (let entry = Math.max(1, upTo - KEYS + 1); entry <= upTo; entry++) {
    const value = backend.get("head", Buffer.from(`key ${(entry * 37) % KEYS}`));
    const found = value === undefined ? 0 : Number(Buffer.from(value).toString());
    if (found < entry || found > last) faults.push(`head ${found} instead of ${entry}`);
  }
  return faults;
}
