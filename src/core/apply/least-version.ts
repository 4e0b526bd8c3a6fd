// SPDX-License-Identifier: Apache-2.0

import { FIRST_WITH_KEY, OLDEST, type StorageVersion } from "../backend/index.ts";
import { decodeRequest } from "./request.ts";

/** The oldest etcd that understands all of these normal entries of a log; empty ones count too. */
export function leastVersion(entries: Iterable<Uint8Array>): StorageVersion {
  for (const data of entries) {
    // Of what entries may hold, only this request came after the oldest version.
    if (data.length > 0 && decodeRequest(data).request.kind === "downgradeVersionTest") {
      return FIRST_WITH_KEY;
    }
  }
  return OLDEST;
}
