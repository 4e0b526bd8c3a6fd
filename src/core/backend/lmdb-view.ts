// SPDX-License-Identifier: Apache-2.0

import type { PinnedView } from "./backend.ts";
import { LmdbEnvironment } from "./lmdb.ts";
import { TABLE_NUMBERS } from "./tables.ts";

/**
 * What is committed to the live store in a directory at this moment, for a thread that does not
 * write it. Rows of the index tables may be older.
 */
export function openLmdbView(directory: string): PinnedView {
  const environment = new LmdbEnvironment(directory);
  const view = environment.pin();
  return {
    scan: (table, from, to, visit) => void view.scan(TABLE_NUMBERS[table], from, to, visit),
    close: () => {
      view.close();
      void environment.close();
    },
  };
}
