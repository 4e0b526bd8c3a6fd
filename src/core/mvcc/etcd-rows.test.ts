// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openMemoryBackend } from "../backend/index.ts";
import { KeyRowImporter, MvccStore } from "./index.ts";
import { encodeRevision } from "./revision.ts";

/** Rows that real members wrote, and the hashes that they answered for them. */
interface Sample {
  readonly etcd: string;
  readonly compactRevision: number;
  readonly hashes: readonly { readonly revision: number; readonly hash: number }[];
  readonly rows: readonly (readonly [string, string])[];
}

const samples: Sample[] = JSON.parse(
  readFileSync(new URL("testdata/etcd-rows.json", import.meta.url), "utf8"),
);

describe("rows of a real etcd", () => {
  it.each(samples)(
    "of version $etcd hash as etcd hashed them",
    ({ compactRevision, ...sample }) => {
      const backend = openMemoryBackend();
      const importer = new KeyRowImporter(backend);
      for (const [key, value] of sample.rows) {
        importer.add(Buffer.from(key, "hex"), Buffer.from(value, "base64"));
      }
      const compacted = encodeRevision(compactRevision, 0, false);
      for (const key of ["finishedCompactRev", "scheduledCompactRev"]) {
        backend.put("meta", Buffer.from(key), compacted);
      }
      const store = new MvccStore(backend);
      expect(store.compactRevision).toBe(compactRevision);
      for (const { revision, hash } of sample.hashes) {
        const job = store.hashByRevision(revision);
        expect(job.kind === "job" && job.step(1000)).toMatchObject({
          done: true,
          result: { hash },
        });
      }
      const rows: [string, string][] = [];
      backend.forEach("key", (key, value) => {
        rows.push([Buffer.from(key).toString("hex"), Buffer.from(value).toString("base64")]);
      });
      expect(rows).toEqual(sample.rows);
    },
  );
});
