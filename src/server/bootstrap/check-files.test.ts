// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { EMPTY_CONF_STATE } from "../../core/raft/index.ts";
import { encodeSnapFile, snapFileName } from "../../core/snap/index.ts";
import { checkSnapshotFiles, tellStrayFiles } from "./check-files.ts";
import { dataPaths } from "./data-dir.ts";

const PATHS = dataPaths("/d", undefined);
const START = { index: 20, term: 2 };

class World {
  readonly disk = new SimDisk();
  readonly lines: string[] = [];
  readonly logger: Logger = {
    enabled: () => true,
    log: (level, _caller, message, fields) => {
      this.lines.push(`${level}: ${message}: ${Object.values(fields ?? {}).join(": ")}`);
    },
  };

  /** Snapshot files, of which some are cut short. */
  constructor(indexes: readonly number[], damaged: readonly number[] = []) {
    this.disk.makeDirectory(PATHS.snap);
    for (const index of indexes) {
      const metadata = { index, term: START.term, confState: EMPTY_CONF_STATE };
      const bytes = encodeSnapFile({ data: Buffer.from("{}"), metadata });
      const kept = damaged.includes(index) ? bytes.length - 1 : bytes.length;
      const path = `${PATHS.snap}/${snapFileName(START.term, index)}`;
      this.disk.placeFile(path, bytes.subarray(0, kept));
    }
  }

  check(): string[] {
    checkSnapshotFiles(this.disk, PATHS, START, this.logger);
    return this.disk.list(PATHS.snap);
  }
}

test("the file that the log confirms is found, and one that it does not is left alone", () => {
  const world = new World([10, 20, 30]);
  expect(world.check()).toEqual([10, 20, 30].map((index) => snapFileName(2, index)));
  expect(world.lines).toEqual([]);
});

test("files that cannot be read are set aside down to the one that counts", () => {
  const world = new World([10, 20, 30], [10, 30]);
  expect(world.check()).toEqual([
    snapFileName(2, 10),
    snapFileName(2, 20),
    `${snapFileName(2, 30)}.broken`,
  ]);
  const name = snapFileName(2, 30);
  expect(world.lines).toEqual([
    `warn: renamed a snapshot file that cannot be read: ${PATHS.snap}/${name}.broken: ` +
      `snap: ${PATHS.snap}/${name}: it does not parse`,
  ]);
});

test("a start without its file goes on and says so", () => {
  const world = new World([10, 20], [20]);
  expect(world.check()).toEqual([snapFileName(2, 10), `${snapFileName(2, 20)}.broken`]);
  expect(world.lines).toHaveLength(2);
  expect(world.lines[1]).toMatch(/^warn: the snapshot that the log starts from has no file: 20: /);
});

test("a log that starts at its beginning needs none", () => {
  const world = new World([10], [10]);
  checkSnapshotFiles(world.disk, PATHS, { index: 0, term: 0 }, world.logger);
  expect(world.disk.list(PATHS.snap)).toEqual([snapFileName(2, 10)]);
});

test("files beside the segments are named, but for preparations", () => {
  const world = new World([]);
  for (const name of ["0.tmp", `${"0".repeat(16)}-${"0".repeat(16)}.wal`, "notes", "x.wal"]) {
    world.disk.placeFile(`${PATHS.wal}/${name}`, Uint8Array.of(1));
  }
  tellStrayFiles(world.disk, PATHS, world.logger);
  const text = "warn: ignored file in WAL directory";
  expect(world.lines).toEqual([`${text}: ${PATHS.wal}/notes`, `${text}: ${PATHS.wal}/x.wal`]);
});
