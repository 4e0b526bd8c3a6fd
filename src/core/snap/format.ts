// SPDX-License-Identifier: Apache-2.0

import { snapshot as SnapshotFile } from "../../api/gen/snappb.ts";
import { crc32c } from "../../base/crc32c.ts";
import { WireError, WireReader } from "../../base/wire-reader.ts";
import { decodeSnapshot, encoded, encodeSnapshot, type Snapshot } from "../raft/index.ts";
import { SnapError } from "./errors.ts";

export const SNAP_SUFFIX = ".snap";
export const DATABASE_SUFFIX = ".snap.db";

function hex16(value: number): string {
  return value.toString(16).padStart(16, "0");
}

/** Term first, so that names sort by term and then by index. */
export function snapFileName(term: number, index: number): string {
  return `${hex16(term)}-${hex16(index)}${SNAP_SUFFIX}`;
}

/** The name of a database that was received with the snapshot at `index`. */
export function databaseFileName(index: number): string {
  return hex16(index) + DATABASE_SUFFIX;
}

/** The index in the name of a received database; undefined for any other name. */
export function parseDatabaseFileName(name: string): number | undefined {
  const digits = /^([0-9a-f]{16})\.snap\.db$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** The bytes of a `.snap` file. */
export function encodeSnapFile(snapshot: Snapshot): Uint8Array {
  const data = encoded(encodeSnapshot, snapshot);
  return SnapshotFile.encode({ crc: crc32c(data), data });
}

/** Reads the bytes of the `.snap` file at path `file`. Throws a `SnapError`. */
export function decodeSnapFile(bytes: Uint8Array, file: string): Snapshot {
  if (bytes.length === 0) throw new SnapError(file, "the file is empty");
  try {
    const { crc, data } = SnapshotFile.decode(bytes);
    if (data === undefined || data.length === 0) throw new SnapError(file, "it holds no data");
    const sum = crc32c(data);
    if (crc === undefined || crc === 0 || crc !== sum) {
      throw new SnapError(file, `its checksum should be ${crc ?? "there"}, not ${sum}`);
    }
    return decodeSnapshot(new WireReader(data));
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new SnapError(file, "it does not parse", { cause });
  }
}
