// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import type { Digest } from "../base/contracts/digest.ts";

/** Node's SHA-256 behind the `Digest` contract. */
export function createSha256(): Digest {
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => hash.digest(),
  };
}
