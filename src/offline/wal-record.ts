// SPDX-License-Identifier: Apache-2.0

import { Metadata } from "../api/gen/etcdserverpb.ts";
import { WireError, WireReader } from "../base/wire-reader.ts";
import { type ConfState, decodeEntry, decodeHardState } from "../core/raft/index.ts";
import { decodeSnapshotRecord, type RecordCursor, RecordType } from "../core/wal/index.ts";
import { entryRequest, type KeySpan } from "./wal-request.ts";
import { type Shown, shownJson, shownText } from "./wal-shown.ts";

/** A record of the log, decoded for people. */
export interface DumpedRecord {
  readonly kind: string;
  /** Of entries and snapshot records. */
  readonly index: number | undefined;
  /** Of those, and of hard states. */
  readonly term: number | undefined;
  /** What an entry asks for. */
  readonly request: string | undefined;
  readonly fields: { readonly [field: string]: Shown };
  readonly spans: readonly KeySpan[];
}

/** The kinds of records by name. */
export const RECORD_KINDS: readonly string[] = [...Object.keys(RecordType), "damaged"];

const NAMES = new Map<number, string>(
  Object.entries(RecordType).map(([name, type]) => [type, name]),
);

/** Never throws: a record that is whole but does not decode is said to be so. */
export function dumpedRecord(record: RecordCursor): DumpedRecord {
  const kind = NAMES.get(record.type);
  try {
    if (kind === undefined) throw new WireError(`records of type ${record.type} do not exist`);
    return { kind, ...NOTHING, ...decoded(record) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const fields = { type: record.type, problem: error.message };
    return { kind: "damaged", ...NOTHING, fields };
  }
}

const NOTHING = { index: undefined, term: undefined, request: undefined, fields: {}, spans: [] };

function decoded({ type, bytes, start, end }: RecordCursor): Partial<DumpedRecord> {
  const reader = new WireReader(bytes, start, end);
  switch (type) {
    case RecordType.metadata: {
      const { NodeID = 0n, ClusterID = 0n } = Metadata.read(reader);
      return { fields: { member: NodeID, cluster: ClusterID } };
    }
    case RecordType.entry: {
      const entry = decodeEntry(reader);
      const { kind, fields, spans } = entryRequest(entry);
      return { index: entry.index, term: entry.term, request: kind, fields, spans };
    }
    case RecordType.state: {
      const { term, vote, commit } = decodeHardState(reader);
      return { term, fields: { vote, commit } };
    }
    case RecordType.snapshot: {
      const { index, term, confState } = decodeSnapshotRecord(reader);
      return { index, term, fields: confState === undefined ? {} : membersOf(confState) };
    }
    default:
      return {};
  }
}

function membersOf(state: ConfState): { [field: string]: Shown } {
  const lists = {
    voters: state.voters,
    learners: state.learners,
    votersOutgoing: state.votersOutgoing,
    learnersNext: state.learnersNext,
  };
  const filled = Object.entries(lists).filter(([, ids]) => ids.length > 0);
  return { ...Object.fromEntries(filled), ...(state.autoLeave ? { autoLeave: true } : {}) };
}

/** Where a record stands. */
export interface RecordPlace {
  readonly file: string;
  readonly offset: number;
  /** Counts the records of the file from 1. */
  readonly number: number;
}

/** One line without its end, for a listing that has named the file before. */
export function recordText({ offset, number }: RecordPlace, record: DumpedRecord): string {
  const { kind, index, term, request, fields } = record;
  const parts = [`${offset}`, `#${number}`, kind];
  if (index !== undefined) parts.push(`index=${index}`);
  if (term !== undefined) parts.push(`term=${term}`);
  if (request !== undefined) parts.push(request);
  const rest = shownText(fields);
  if (rest !== "") parts.push(rest);
  return parts.join(" ");
}

/** The same as one line of JSON, with the file. */
export function recordJson(place: RecordPlace, record: DumpedRecord): string {
  const { kind, index, term, request, fields } = record;
  return shownJson({
    file: place.file,
    offset: place.offset,
    record: place.number,
    kind,
    ...(index === undefined ? {} : { index }),
    ...(term === undefined ? {} : { term }),
    ...(request === undefined ? fields : { request, [request]: fields }),
  });
}
