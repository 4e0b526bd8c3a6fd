// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../base/contracts/disk.ts";
import { WalError } from "./errors.ts";
import { parseSegmentName, type SegmentName } from "./format.ts";

/** The segments in the directory in order. Other names, `0.tmp` among them, are left alone. */
export function listSegments(disk: Disk, directory: string): SegmentName[] {
  return disk.list(directory).flatMap((name) => parseSegmentName(name) ?? []);
}

/** Refuses holes in the sequence numbers: a segment between two others is gone. */
export function checkSequence(directory: string, segments: readonly SegmentName[]): void {
  for (const [at, segment] of segments.entries()) {
    const before = segments[at - 1];
    if (before === undefined || segment.sequence === before.sequence + 1) continue;
    throw new WalError(
      "segments-missing",
      { file: `${directory}/${segment.name}` },
      {
        problem:
          `the segment before it should have number ${segment.sequence - 1}, ` +
          `but the one found is ${before.name}`,
        fix: "put the missing files back, or remove the member and add it again",
      },
    );
  }
}

/**
 * The segments that hold the log after entry `index`: the last one whose name does not lie beyond
 * it, and all later ones.
 */
export function segmentsFrom(disk: Disk, directory: string, index: number): SegmentName[] {
  const all = listSegments(disk, directory);
  const first = all.findLastIndex((segment) => segment.index <= index);
  if (first === -1) {
    throw new WalError(
      "not-found",
      { file: directory },
      {
        problem:
          all.length === 0
            ? "there is no log in this directory"
            : `the log should reach back to entry ${index}, but begins with ${all[0]?.name}`,
        fix: "check the data directory, or put the missing files back",
      },
    );
  }
  const chosen = all.slice(first);
  checkSequence(directory, chosen);
  return chosen;
}
