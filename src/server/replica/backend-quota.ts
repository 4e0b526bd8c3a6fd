// SPDX-License-Identifier: Apache-2.0

import type { SpaceQuota } from "../../core/apply/index.ts";

/** What etcd takes when no quota is set. */
export const QUOTA_BYTES_DEFAULT = 2 * 1024 * 1024 * 1024;

/**
 * The quota of this member's store. Space that deletions and compactions have freed is used again
 * without a defragmentation, so it counts as free: what is held against the quota is what rows
 * occupy and what waits to be written.
 */
export class BackendQuota implements SpaceQuota {
  /** As it is reported; below zero there is none. */
  readonly bytes: number;
  readonly #backend: { readonly usedBytes: number };

  /** `configuredBytes`: 0 for the default, below zero for no quota. */
  constructor(configuredBytes: number, backend: { readonly usedBytes: number }) {
    this.bytes = configuredBytes === 0 ? QUOTA_BYTES_DEFAULT : configuredBytes;
    this.#backend = backend;
  }

  hasRoomFor(cost: number): boolean {
    return cost === 0 || this.bytes < 0 || this.#backend.usedBytes + cost < this.bytes;
  }
}
