// SPDX-License-Identifier: Apache-2.0
//
// A program for the crash tests: writes entries into the directory given to it until somebody
// kills it, and says after each commit up to which entry it is on disk.

import { writeSync } from "node:fs";
import { openLmdbBackend } from "../index.ts";

const ENTRIES_PER_COMMIT = 97;

const backend = await openLmdbBackend(process.argv[2] ?? "", { indexOperations: 500 });
const key = Buffer.alloc(17, "_");
const value = Buffer.alloc(300, "v");
const putHead = (entry: number): void => {
  backend.put("head", Buffer.from(String((entry * 7919) % 1000)), Buffer.from(String(entry)));
};
// The owner of the index makes up what a crash has left out of it.
for (let entry = backend.indexRevision + 1; entry <= backend.boundary.consistentIndex; entry++) {
  putHead(entry);
}
for (let entry = backend.boundary.consistentIndex + 1; ; entry++) {
  key.writeBigUInt64BE(BigInt(entry));
  backend.put("key", key, value);
  backend.put("auth", Buffer.from(`last ${entry % 7}`), Buffer.from(String(entry)));
  if (entry > 1) backend.delete("alarm", Buffer.from(String(entry - 1)));
  backend.put("alarm", Buffer.from(String(entry)), Buffer.alloc(0));
  putHead(entry);
  backend.indexRevision = entry;
  backend.setConsistentIndex(entry, 1);
  if (entry % ENTRIES_PER_COMMIT === 0) {
    const { consistentIndex } = await backend.commit();
    writeSync(1, `${consistentIndex}\n`);
  }
}
