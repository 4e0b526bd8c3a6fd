// SPDX-License-Identifier: Apache-2.0

import { META_KEYS } from "../core/etcd-db/index.ts";
import type { StoreRows } from "./check-store.ts";
import { type Findings, REMEDY_RESTORE } from "./finding.ts";
import type { KnownSnapshot } from "./wal-snapshots.ts";
import type { WalSurvey } from "./wal-survey.ts";

/** Where in the log a store stands. */
export interface StorePlace {
  /** The last entry whose effects it holds. */
  readonly consistentIndex: number;
  /** The storage version, such as `3.7.0`; empty before 3.6 and in our own store. */
  readonly storageVersion: string;
  readonly hasConfState: boolean;
}

/** The value of a row of 8 bytes, big-endian; undefined for any other row. */
export function bigEndian(value: Uint8Array | undefined): number | undefined {
  if (value?.length !== 8) return undefined;
  return Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0));
}

/** What else there is in a data directory, as far as it was readable. */
export interface LogSide {
  readonly survey: WalSurvey | undefined;
  readonly newest: KnownSnapshot | undefined;
  /** Indexes of databases that came with snapshots and have not taken the store's place. */
  readonly received: ReadonlySet<number>;
}

/** Reads from `meta` where the store stands, and compares that with the log. */
export function checkPlace(store: StoreRows, side: LogSide, findings: Findings): StorePlace {
  const { survey } = side;
  const { path } = store;
  const row = store.get("meta", META_KEYS.consistentIndex);
  const consistentIndex = bigEndian(row) ?? 0;
  if (row !== undefined && row.length !== 8) {
    findings.error(path, `meta/consistent_index has ${row.length} bytes, not 8`, REMEDY_RESTORE);
  }
  const version = store.get("meta", META_KEYS.storageVersion);
  if (survey?.isWhole === true) compare(store, consistentIndex, survey, side, findings);
  return {
    consistentIndex,
    storageVersion: version === undefined ? "" : new TextDecoder().decode(version),
    hasConfState: store.get("meta", META_KEYS.confState) !== undefined,
  };
}

function compare(
  store: StoreRows,
  index: number,
  { log, directory }: WalSurvey,
  { newest, received }: LogSide,
  findings: Findings,
): void {
  const { path } = store;
  if (index > log.lastIndex) {
    findings.error(
      path,
      `it holds the effects of entry ${index}, but the log in ${directory} ends at entry ` +
        `${log.lastIndex}`,
      `the log was lost or replaced, and acknowledged writes with it: ${REMEDY_RESTORE}`,
    );
  }
  const start = log.snapshots.findLast((record) => record.index <= log.hardState.commit);
  if (start !== undefined && index < start.index && !received.has(start.index)) {
    findings.error(
      path,
      `it ends at entry ${index}, but members start from the snapshot at entry ${start.index}`,
      `the store is older than the rest: ${REMEDY_RESTORE}`,
    );
  }
  const from = log.firstIndex;
  if (from !== undefined && index + 1 < from && (newest?.index ?? 0) <= index) {
    findings.error(
      path,
      `it ends at entry ${index}, and the log in ${directory} begins only with entry ${from}`,
      `what lies between is lost: ${REMEDY_RESTORE}`,
    );
  }
  const term = bigEndian(store.get("meta", META_KEYS.term)) ?? 0;
  const logged = index === 0 ? undefined : log.terms.at(index);
  if (term !== 0 && logged !== undefined && index <= log.lastIndex && term !== logged) {
    findings.error(
      path,
      `it says that entry ${index} has term ${term}, the log says ${logged}`,
      `store and log are of different members or copies: ${REMEDY_RESTORE}`,
    );
  }
}
