// SPDX-License-Identifier: Apache-2.0

export type WalErrorCode =
  /** The directory has no segment that may hold what was asked for. */
  | "not-found"
  /** `create` met a log. */
  | "exists"
  /** The names of the segments leave a hole. */
  | "segments-missing"
  /** The last record of the last segment is incomplete, as a power failure leaves it. */
  | "torn"
  /** Bytes are not what was written. */
  | "corrupt"
  /** Records that are whole contradict each other: metadata, indexes or snapshot terms. */
  | "inconsistent"
  /** The snapshot to start from has no record. */
  | "snapshot-not-found"
  /** An earlier write or sync failed, or the log is closed: it cannot be used any more. */
  | "unusable";

export interface WalErrorPlace {
  /** Path of the segment, or of the directory. */
  readonly file: string;
  /** Byte offset of the frame in question. */
  readonly offset?: number;
  /** Number of the record in its segment, from 1. */
  readonly record?: number;
}

/** An error of the log. The message names file, offset, record, what was expected and what to do. */
export class WalError extends Error {
  readonly code: WalErrorCode;
  readonly file: string;
  readonly offset: number | undefined;
  readonly record: number | undefined;
  /** What was expected and found there. */
  readonly problem: string;
  /** What to do about it. */
  readonly fix: string;

  constructor(
    code: WalErrorCode,
    place: WalErrorPlace,
    text: { readonly problem: string; readonly fix: string },
    options?: ErrorOptions,
  ) {
    super(`wal: ${placeText(place)}: ${text.problem}; ${text.fix}`, options);
    this.name = "WalError";
    this.code = code;
    this.file = place.file;
    this.offset = place.offset;
    this.record = place.record;
    this.problem = text.problem;
    this.fix = text.fix;
  }
}

function placeText({ file, offset, record }: WalErrorPlace): string {
  const at = offset === undefined ? "" : ` at offset ${offset}`;
  return `${file}${at}${record === undefined ? "" : ` (record ${record})`}`;
}

/** What helps against damage that is not a torn tail. */
export const FIX_DAMAGE =
  "the log was changed after it was written: check the disk, then restore this file from a copy, " +
  "or remove the member and add it again with an empty data directory";

/** What helps once a write or a sync has failed. */
export const FIX_FAILED =
  "see to the disk (space, hardware, mount) and start the member again: " +
  "it continues from what is safely stored";
