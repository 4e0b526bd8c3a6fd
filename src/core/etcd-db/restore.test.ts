// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createSha256 } from "../../platform/sha256.ts";
import { BoltError, BoltReader, checkBolt } from "../bolt/index.ts";
import { readModel } from "../bolt/testing/bucket-model.ts";
import { MemoryFile } from "../bolt/testing/memory-file.ts";
import { databaseStatus, hashKv, type RestoreOptions, restoreDatabase } from "./index.ts";

const bytes = readFileSync(
  new URL("../../../test/fixtures/etcd-3.7.1/snapshot.db", import.meta.url),
);

const options: RestoreOptions = {
  ...{ createSha256, skipsHashCheck: false, consistentIndex: 3, term: 1, bumpRevision: 0 },
  members: [
    { id: 0xabn, json: '{"id":171}' },
    { id: 0x1n, json: '{"id":1}' },
  ],
};

function restore(snapshot: Uint8Array, changes: Partial<RestoreOptions> = {}) {
  const target = new MemoryFile();
  const outcome = restoreDatabase(new MemoryFile(snapshot), target, { ...options, ...changes });
  return { outcome, target };
}

test("a restored database has the new members, the new index and all else as it was", () => {
  const { outcome, target } = restore(bytes);
  expect(outcome).toEqual({ kind: "restored" });
  const expected = readModel(new BoltReader(new MemoryFile(bytes)).root);
  expected.set(
    "members",
    new Map([
      ["1", '{"id":1}'],
      ["ab", '{"id":171}'],
    ]),
  );
  expected.set("members_removed", new Map());
  const meta = expected.get("meta");
  if (!(meta instanceof Map)) throw new Error("the snapshot has a bucket meta");
  meta.set("consistent_index", "\0\0\0\0\0\0\0\x03");
  meta.set("term", "\0\0\0\0\0\0\0\x01");
  const reader = new BoltReader(target);
  expect(readModel(reader.root)).toEqual(expected);
  expect(checkBolt(reader).findings).toEqual([]);
  expect(target.steps.at(-1)).toBe(-1);
});

test("a bump raises the revision and marks what was before as compacted", () => {
  const { target } = restore(bytes, { bumpRevision: 1000 });
  const reader = new BoltReader(target);
  expect(databaseStatus(reader).revision).toBe(1035);
  expect(hashKv(reader, 0)).toMatchObject({ hashRevision: 1035, compactRevision: 1035 });
  expect(checkBolt(reader)).toMatchObject({ findings: [], freePages: 0 });
});

test("a hash that is missing or wrong is told, unless it does not matter", () => {
  const bare = bytes.subarray(0, 57_344);
  expect(restore(bare).outcome.kind).toBe("missing");
  expect(restore(bare).target.size()).toBe(0);
  expect(restore(bare, { skipsHashCheck: true }).outcome.kind).toBe("restored");
  const wrong = new Uint8Array(bytes);
  wrong[57_350] = (wrong[57_350] ?? 0) ^ 1;
  expect(restore(wrong).outcome.kind).toBe("mismatch");
  expect(restore(wrong, { skipsHashCheck: true }).outcome.kind).toBe("restored");
});

test("without the check, what is no database is refused all the same", () => {
  for (const cut of [bytes.subarray(0, 20_000), new Uint8Array(8192)]) {
    expect(() => restore(cut, { skipsHashCheck: true })).toThrow(BoltError);
  }
});
