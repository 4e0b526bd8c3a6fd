// SPDX-License-Identifier: Apache-2.0

import { KeyValue } from "../api/gen/mvccpb.ts";
import { WireError } from "../base/wire-reader.ts";
import { META_KEYS } from "../core/etcd-db/index.ts";
import type { StoreRows } from "./check-store.ts";
import { type Findings, REMEDY_RESTORE } from "./finding.ts";

const REVISION_BYTES = 17;
const TOMBSTONE_BYTES = 18;
const SEPARATOR = 0x5f;
const TOMBSTONE_MARK = 0x74;

/** A row's place in the key space, as its key says. */
export interface RowPlace {
  readonly main: number;
  readonly sub: number;
  readonly isTombstone: boolean;
}

/** What the key space holds. */
export interface KeysCheck {
  readonly rows: number;
  /** The revision of the last row; 0 when there is none. */
  readonly lastRevision: number;
  /** The last compaction asked for; 0 when there was none. */
  readonly compactRevision: number;
}

/** Reads a row's key; undefined when it is no revision. */
export function placeOf(key: Uint8Array): RowPlace | undefined {
  const isTombstone = key.length === TOMBSTONE_BYTES;
  if (!isTombstone && key.length !== REVISION_BYTES) return undefined;
  if (key[8] !== SEPARATOR || (isTombstone && key[17] !== TOMBSTONE_MARK)) return undefined;
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const main = Number(view.getBigUint64(0));
  const sub = Number(view.getBigUint64(9));
  const isCounter = Number.isSafeInteger(main) && Number.isSafeInteger(sub);
  return isCounter ? { main, sub, isTombstone } : undefined;
}

/** Checks every row of the key space; `take` gets the ones that are sound. */
export function checkKeys(
  store: StoreRows,
  findings: Findings,
  take: (place: RowPlace, pair: KeyValue, compactRevision: number) => void,
): KeysCheck {
  const compactRevision = checkCompactions(store, findings);
  let rows = 0;
  let lastRevision = 0;
  store.each("key", (key, value) => {
    rows++;
    const place = placeOf(key);
    if (place === undefined) {
      const hex = Buffer.from(key).toString("hex");
      findings.error(store.path, `the key ${hex} in key is no revision`, REMEDY_RESTORE);
      return undefined;
    }
    lastRevision = place.main;
    const pair = pairOf(value);
    const problem = typeof pair === "string" ? pair : problemOf(place, pair);
    if (problem === undefined && typeof pair !== "string") take(place, pair, compactRevision);
    else {
      const name = `${place.main}_${place.sub}`;
      findings.error(store.path, `revision ${name} ${problem ?? ""}`, REMEDY_RESTORE);
    }
    return undefined;
  });
  return { rows, lastRevision, compactRevision };
}

/** A row's pair, or why it is none. */
export function pairOf(value: Uint8Array): KeyValue | string {
  try {
    return KeyValue.decode(value);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return `holds no key-value pair (${error.message})`;
  }
}

function problemOf({ main, isTombstone }: RowPlace, pair: KeyValue): string | undefined {
  // A snapshot that was restored with a bumped revision has a row without a key.
  if (pair.key.length === 0) return undefined;
  if (isTombstone) return undefined;
  if (pair.modRevision !== main) return `says that it is revision ${pair.modRevision}`;
  if (pair.createRevision > main || pair.createRevision < 1) {
    return `says that its key was created at revision ${pair.createRevision}`;
  }
  return pair.version >= 1 ? undefined : `has version ${pair.version}`;
}

function checkCompactions(store: StoreRows, findings: Findings): number {
  const read = (name: string, key: Uint8Array): number => {
    const row = store.get("meta", key);
    if (row === undefined) return 0;
    const place = placeOf(row);
    if (place !== undefined) return place.main;
    findings.error(store.path, `meta/${name} is no revision`, REMEDY_RESTORE);
    return 0;
  };
  const scheduled = read("scheduledCompactRev", META_KEYS.scheduledCompactRevision);
  const finished = read("finishedCompactRev", META_KEYS.finishedCompactRevision);
  if (finished > scheduled) {
    const problem = `compaction ${finished} is finished, but the last one asked for is ${scheduled}`;
    findings.error(store.path, problem, REMEDY_RESTORE);
  }
  return Math.max(scheduled, finished);
}
