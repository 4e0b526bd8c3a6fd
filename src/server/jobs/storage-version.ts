// SPDX-License-Identifier: Apache-2.0

import type { Logger } from "../../base/contracts/logger.ts";
import {
  type Backend,
  fullText,
  parseStored,
  planMigration,
  putStorageVersion,
  type StorageVersion,
  shortText,
  storageVersionOf,
  wholeText,
} from "../../core/backend/index.ts";

const CALLER = "jobs/storage-version.ts";
/** How often etcd compares the versions. */
const INTERVAL_MS = 4000;
/** A cluster whose members could not be asked yet; a store never gets it. */
const UNDECIDED = "3.0.0";

export interface StorageVersionParts {
  readonly backend: Backend;
  /** `major.minor.patch`; undefined until the leader has decided it. */
  readonly clusterVersion: () => string | undefined;
  /** The oldest etcd that understands what is in the log. */
  readonly leastVersion: () => StorageVersion;
  readonly logger: Logger;
}

/**
 * Lets the storage version follow the version of the cluster: as soon as that changes, and when a
 * while has passed, since a stopped member's data may have been migrated to another one.
 */
export class StorageVersionMonitor {
  readonly #parts: StorageVersionParts;
  readonly #timer: NodeJS.Timeout;
  #seen: string | undefined;

  constructor(parts: StorageVersionParts) {
    this.#parts = parts;
    this.#seen = parts.clusterVersion();
    this.#timer = setInterval(() => this.check(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Entries were applied, and the version of the cluster may have changed. */
  onTurn(): void {
    const version = this.#parts.clusterVersion();
    if (version === this.#seen) return;
    this.#seen = version;
    this.check();
  }

  /** Brings the version up or down to that of the cluster; to be called between entries. */
  check(): void {
    const { backend, clusterVersion, leastVersion, logger } = this.#parts;
    const text = clusterVersion();
    if (text === undefined || text === UNDECIDED) return;
    const cluster = parseStored(new TextEncoder().encode(text));
    if (cluster === undefined) return;
    const current = storageVersionOf(backend);
    if (current !== undefined && shortText(current) === shortText(cluster)) return;
    const failed = (error: string): void => {
      const fields = { "cluster-version": text, error };
      logger.log("error", CALLER, "failed to update storage version", fields);
    };
    if (current === undefined) {
      return failed("cannot detect storage schema version: missing term information");
    }
    const fields = { "cluster-version": text, "storage-version": wholeText(current) };
    logger.log("info", CALLER, "cluster version differs from storage version.", fields);
    const plan = planMigration(current, cluster, leastVersion);
    if (plan.kind === "refused") return failed(plan.problem);
    putStorageVersion(backend, cluster);
    for (const version of plan.steps) {
      const updated = { "new-storage-version": fullText(version) };
      logger.log("info", CALLER, "updated storage version", updated);
    }
  }
}
