// SPDX-License-Identifier: Apache-2.0
//
// A program for the crash tests: defragments the store in the directory given to it again and
// again, and writes entries, until somebody kills it. It says after each commit up to which entry
// it is on disk, and after each defragmentation `defragmented`.

import { writeSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openLmdbBackend } from "../index.ts";
import { makeUpIndex, writeDefragmentEntry } from "./defragment-entry.ts";

const ENTRIES_PER_COMMIT = 50;

const backend = await openLmdbBackend(process.argv[2] ?? "", { indexOperations: 120 });
makeUpIndex(backend);

async function defragmentOnAndOn(): Promise<never> {
  for (;;) {
    await backend.defragment();
    writeSync(1, "defragmented\n");
  }
}

async function writeOnAndOn(): Promise<never> {
  for (let entry = backend.boundary.consistentIndex + 1; ; entry++) {
    writeDefragmentEntry(backend, entry);
    if (entry % ENTRIES_PER_COMMIT !== 0) continue;
    const { consistentIndex } = await backend.commit();
    writeSync(1, `${consistentIndex}\n`);
    await nextTurn();
  }
}

await Promise.all([defragmentOnAndOn(), writeOnAndOn()]);
