// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { BoltReader } from "../bolt/index.ts";
import { databaseStatus, hashKv, readRevisions } from "./index.ts";
import { type Change, KeyHistory } from "./testing/key-history.ts";

const change: fc.Arbitrary<Change> = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 12 }).map((index) => `key/${index}`),
    fc.option(fc.string({ maxLength: 20 }), { nil: undefined, freq: 2 }),
  ),
  { minLength: 1, maxLength: 4 },
);
const changes = fc.array(change, { maxLength: 60 });

test("hashes, revisions and counts are those of a plain list of rows", () => {
  fc.assert(
    fc.property(changes, fc.nat(), fc.boolean(), fc.boolean(), (all, point, removes, finished) => {
      const history = new KeyHistory();
      for (const one of all) history.change(one);
      const compacts = point % 4 !== 0 && history.current > 1;
      if (compacts) history.compact = 2 + (point % (history.current - 1));
      const expected = Array.from({ length: history.current }, (_, index) =>
        history.hashKv(index + 1),
      );
      if (removes) history.finishCompaction();
      const reader = new BoltReader(history.file({ isFinished: finished }));
      expect(readRevisions(reader)).toEqual({
        current: history.current,
        compact: history.compact,
      });
      for (let revision = 1; revision <= history.current; revision++) {
        const { compact } = history;
        if (revision < compact) {
          expect(hashKv(reader, revision)).toEqual({ kind: "compacted" });
          continue;
        }
        const hash = expected[revision - 1];
        const found = hashKv(reader, revision);
        expect(found).toMatchObject({ hash, hashRevision: revision, compactRevision: compact });
      }
      expect(hashKv(reader, 0)).toEqual(hashKv(reader, history.current));
      expect(hashKv(reader, history.current + 1)).toEqual({ kind: "future-revision" });
      const live = history.live(history.current).size;
      expect(databaseStatus(reader)).toMatchObject({ totalKeys: live, version: "3.7.0" });
    }),
    { numRuns: 200 },
  );
});

test("where no key exists at the revision, what the compaction leaves counts", () => {
  const history = new KeyHistory();
  history.change([["a", "1"]]);
  history.change([["a", "2"]]);
  history.change([["a", undefined]]);
  history.compact = 3;
  const hash = () => hashKv(new BoltReader(history.file({ isFinished: true })), 4);
  const before = hash();
  expect(before).toMatchObject({ hash: history.hashKv(4) });
  history.finishCompaction();
  expect(history.rows.length).toBe(2);
  expect(hash()).toEqual(before);
});
