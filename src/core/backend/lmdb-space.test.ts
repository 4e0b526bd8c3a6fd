// SPDX-License-Identifier: Apache-2.0

import fs from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import { createLmdbStore, openLmdbBackend, StoreSpaceError } from "./index.ts";
import { writeFailure } from "./lmdb-space.ts";

const PAGE_BYTES = 4096;

afterEach(() => void vi.restoreAllMocks());

/** From now on every disk has so much room left. */
function leave(bytes: number): void {
  const real = fs.statfsSync("/");
  vi.spyOn(fs, "statfsSync").mockReturnValue(
    Object.assign(real, { bavail: bytes / PAGE_BYTES, bsize: PAGE_BYTES }),
  );
}

test("a store is not begun where there is no room for it, and nothing is made", async () => {
  const directory = join(tempDir(), "store");
  leave(PAGE_BYTES);
  const text =
    `no space left on device for the store in ${directory}: opening it takes 278528 bytes, and ` +
    "4096 are free; make room and try again";
  await expect(createLmdbStore(directory)).rejects.toThrow(new StoreSpaceError(text));
  await expect(openLmdbBackend(directory)).rejects.toThrow(new StoreSpaceError(text));
  expect(fs.existsSync(directory)).toBe(false);
});

test("a store that is there is opened on a full disk, unless its lock file has to be made", async () => {
  const directory = tempDir();
  const backend = await openLmdbBackend(directory);
  backend.put("meta", Buffer.from("a"), Buffer.from("b"));
  await backend.commit();
  await backend.close();
  leave(0);
  const again = await openLmdbBackend(directory);
  expect(again.committedRows("meta")).toBe(1);
  await again.close();
  fs.rmSync(join(directory, "lock.mdb"));
  const opening = openLmdbBackend(directory);
  await expect(opening).rejects.toThrow("opening it takes 16384 bytes, and 0 are free; make room");
});

test("rows that could not be written are told with file, cause and what to do", () => {
  const directory = tempDir();
  const cause = new Error("Input/output error");
  const file = join(directory, "data.mdb");
  const fix = "see to the disk (space, hardware, mount) and start the member again: it continues";
  const broken = writeFailure(directory, cause);
  expect(broken.message).toBe(`write ${file}: Input/output error; ${fix} from its log`);
  expect(broken.cause).toBe(cause);
  leave(4096);
  expect(writeFailure(directory, cause).message).toContain(
    `write ${file}: no space left on device (4096 bytes are free, Input/output error); ${fix}`,
  );
  vi.spyOn(fs, "statfsSync").mockImplementation(() => {
    throw new Error("EIO: i/o error, statfs");
  });
  expect(writeFailure(directory, cause)).toMatchObject({ message: broken.message, cause });
});
