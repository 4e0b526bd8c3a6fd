// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import type { LogFields, Logger } from "../../base/contracts/logger.ts";
import { MemoryDisk, openMemoryBackend, storageVersionOf } from "../../core/backend/index.ts";
import { StorageVersionMonitor } from "./storage-version.ts";

const oldest = { major: 3, minor: 5 };
const key = Buffer.from("storageVersion");

/** A monitor over a store of so many version, whose looks the test makes itself. */
function monitor(stored: string | undefined, cluster: string | undefined, term = 2) {
  const backend = openMemoryBackend(new MemoryDisk());
  if (stored !== undefined) backend.put("meta", key, Buffer.from(stored));
  if (term > 0) backend.setConsistentIndex(7, term);
  const lines: (readonly [string, LogFields | undefined])[] = [];
  const logger: Logger = {
    enabled: () => true,
    log: (_level, _caller, message, fields) => lines.push([message, fields]),
  };
  const world = { cluster, least: oldest };
  const job = new StorageVersionMonitor({
    backend,
    clusterVersion: () => world.cluster,
    leastVersion: () => world.least,
    logger,
  });
  job.stop();
  const rows = (): string | undefined => {
    const value = backend.getCopy("meta", key);
    return value === undefined ? undefined : Buffer.from(value).toString();
  };
  return { world, job, lines, rows, backend };
}

test("data that was migrated down is brought up to the cluster's version, and said so", () => {
  const { job, rows, lines } = monitor("3.6.0", "3.7.0");
  expect(rows()).toBe("3.6.0");
  job.check();
  expect(rows()).toBe("3.7.0");
  const versions = { "cluster-version": "3.7.0", "storage-version": "3.6.0" };
  expect(lines).toEqual([
    ["cluster version differs from storage version.", versions],
    ["updated storage version", { "new-storage-version": "3.7.0" }],
  ]);
  job.check();
  expect(lines.length).toBe(2);
});

test("data of 3.5 has no version, and is brought up step by step", () => {
  const { job, rows, lines } = monitor(undefined, "3.7.0");
  job.check();
  expect(rows()).toBe("3.7.0");
  expect(lines.map(([, fields]) => fields?.["new-storage-version"])).toEqual([
    undefined,
    "3.6.0",
    "3.7.0",
  ]);
});

test("a change of the cluster's version counts at once, other turns do nothing", () => {
  const { world, job, rows } = monitor("3.6.0", "3.6.0");
  job.onTurn();
  world.cluster = "3.7.0";
  expect(rows()).toBe("3.6.0");
  job.onTurn();
  expect(rows()).toBe("3.7.0");
});

test.each([
  ["undecided", undefined],
  ["not asked for yet", "3.0.0"],
])("nothing happens while the cluster's version is %s", (_case, version) => {
  const { job, rows, lines } = monitor("3.6.0", version);
  job.check();
  expect([rows(), lines]).toEqual(["3.6.0", []]);
});

test("the version goes down with the cluster's, but not below what the log needs", () => {
  const { world, job, rows, lines, backend } = monitor("3.7.0", "3.6.0");
  job.check();
  expect(rows()).toBe("3.6.0");
  world.cluster = "3.5.0";
  world.least = { major: 3, minor: 6 };
  job.check();
  expect(rows()).toBe("3.6.0");
  expect(lines.at(-1)).toEqual([
    "failed to update storage version",
    {
      "cluster-version": "3.5.0",
      error:
        "cannot downgrade storage, WAL contains newer entries, as the target version (3.5.0) is " +
        "lower than the version (3.6.0) detected from WAL logs",
    },
  ]);
  world.least = oldest;
  job.check();
  expect(rows()).toBeUndefined();
  expect(storageVersionOf(backend)).toEqual(oldest);
});

test("a store in which nothing was applied is left alone, with an error in the log", () => {
  const { job, rows, lines } = monitor(undefined, "3.7.0", 0);
  job.check();
  expect(rows()).toBeUndefined();
  expect(lines.map(([message]) => message)).toEqual(["failed to update storage version"]);
});
