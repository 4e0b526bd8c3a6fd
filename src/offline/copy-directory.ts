// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../base/contracts/disk.ts";

const SLICE_BYTES = 1 << 20;
const FILE_MODE = 0o600;

/** Copies the files of a directory whose names match, durably; blocks of zeros stay holes. */
export function copyDirectory(disk: Disk, from: string, to: string, names: RegExp): void {
  for (const name of disk.list(from)) {
    if (names.test(name)) copyFile(disk, `${from}/${name}`, `${to}/${name}`);
  }
}

function copyFile(disk: Disk, from: string, to: string): void {
  const source = disk.open(from, "read");
  try {
    const target = disk.open(to, "create-exclusive", FILE_MODE);
    try {
      const size = source.size();
      target.truncate(size);
      const slice = Buffer.allocUnsafeSlow(Math.min(SLICE_BYTES, size));
      for (let position = 0; position < size; position += slice.length) {
        const count = source.readInto(slice, position);
        if (count === 0) break;
        const part = slice.subarray(0, count);
        if (!isZero(part)) target.write(part, position);
      }
      target.datasyncNow();
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.compare(bytes, 0, bytes.length - 1, 1, bytes.length) === 0;
}
