// SPDX-License-Identifier: Apache-2.0

import { OperationLog } from "./operation-log.ts";
import { AppendOverlay, HashOverlay, type Overlay } from "./overlay.ts";
import { TABLE_NUMBERS, TABLES } from "./tables.ts";

/** Tables that grow at their end. */
const APPENDED: ReadonlySet<number> = new Set([TABLE_NUMBERS.key]);

/** What was written between two commits: the operations in order, and the last one per key. */
export class Generation {
  readonly log = new OperationLog();
  readonly #overlays: readonly Overlay[] = TABLES.map((_, table) =>
    APPENDED.has(table) ? new AppendOverlay(this.log, table) : new HashOverlay(this.log, table),
  );

  overlay(table: number): Overlay {
    return this.#overlays[table] as Overlay;
  }
}
