// SPDX-License-Identifier: Apache-2.0

import type { CreateDigest } from "../../base/contracts/digest.ts";
import { BoltReader, type ByteSink, type ByteSource } from "../bolt/index.ts";
import type { BucketEdit } from "./bucket-edit.ts";
import { META_KEYS } from "./buckets.ts";
import { copyDatabase, editDatabase } from "./database-copy.ts";
import { writeDatabase } from "./database-writer.ts";
import { KeyRows } from "./key-rows.ts";
import { revisionKey } from "./revision-key.ts";
import { readTrailer, type SnapshotVerdict, verifySnapshot } from "./snapshot-file.ts";

const encoder = new TextEncoder();

/** A member of the cluster that a restore founds. */
export interface RestoredMember {
  readonly id: bigint;
  /** The member as etcd stores it. */
  readonly json: string;
}

export interface RestoreOptions {
  readonly createSha256: CreateDigest;
  /** Takes a file without a hash, or with a wrong one. */
  readonly skipsHashCheck: boolean;
  readonly members: readonly RestoredMember[];
  /** The last entry of the log that the restore writes, and its term. */
  readonly consistentIndex: number;
  readonly term: number;
  /** Raises the revision by so much and marks everything before as compacted; 0 for not. */
  readonly bumpRevision: number;
}

export type RestoreOutcome =
  | { readonly kind: "restored" }
  | Exclude<SnapshotVerdict, { readonly kind: "good" }>;

/**
 * Makes the database of a new cluster's member of a snapshot, in an empty file, durable when this
 * returns: the membership is replaced, the applied index starts anew; all else stays, leases and
 * users too. A hash that is missing or wrong is told, unless it does not matter; what has been
 * written then is of no use. Damage throws a `BoltError`.
 *
 * One pass that copies and hashes, and a commit of a few pages; a bump writes all pairs anew.
 */
export function restoreDatabase(
  source: ByteSource,
  target: ByteSource & ByteSink,
  options: RestoreOptions,
): RestoreOutcome {
  const { createSha256, skipsHashCheck, bumpRevision } = options;
  const trailer = readTrailer(source);
  if (trailer.kind === "missing" && !skipsHashCheck) return trailer;
  const copiesPairs = bumpRevision > 0;
  const verdict = verifySnapshot(source, createSha256, (slice, position) => {
    if (!copiesPairs) target.write(slice, position);
  });
  if (verdict.kind === "mismatch" && !skipsHashCheck) return verdict;
  if (copiesPairs) {
    const reader = new BoltReader(source);
    writeDatabase(target, (writer) => copyDatabase(reader, writer, restoreEdits(reader, options)));
  } else {
    const reader = new BoltReader(target);
    editDatabase(reader, target, restoreEdits(reader, options));
  }
  return { kind: "restored" };
}

/** What a restore makes of the buckets, for a store that is filled from the snapshot's rows. */
export function restoreEdits(
  reader: BoltReader,
  options: Pick<RestoreOptions, "members" | "consistentIndex" | "term" | "bumpRevision">,
): Map<string, BucketEdit> {
  const members = options.members.map(({ id, json }) => ({
    key: encoder.encode(id.toString(16)),
    value: encoder.encode(json),
  }));
  const meta = [
    { key: META_KEYS.consistentIndex, value: bigEndian(options.consistentIndex) },
    { key: META_KEYS.term, value: bigEndian(options.term) },
  ];
  const edits = new Map<string, BucketEdit>([
    ["members", { drops: true, puts: members }],
    ["members_removed", { drops: true, puts: [] }],
    ["meta", { puts: meta }],
  ]);
  if (options.bumpRevision > 0) {
    const rows = new KeyRows(reader);
    const latest = rows.last() ? rows.main : 0;
    const bumped = revisionKey(latest + options.bumpRevision, 0);
    // A row without a pair: it only holds the revision.
    edits.set("key", { puts: [{ key: bumped, value: new Uint8Array(0) }] });
    meta.push({ key: META_KEYS.scheduledCompactRevision, value: bumped });
  }
  return edits;
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
