// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { errorText } from "../../base/error-text.ts";
import { type Backend, storageVersionOf, WholeHash, wholeText } from "../../core/backend/index.ts";
import type { StorageFacts } from "../grpc/index.ts";

const CALLER = "embed/storage-view.ts";

/** What status and version answers tell of the store, and what Maintenance does with it. */
export class StorageView implements StorageFacts {
  readonly quotaBytes: number;
  readonly #backend: Backend;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(
    backend: Backend,
    quotaBytes: number,
    outside: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#backend = backend;
    this.quotaBytes = quotaBytes;
    this.#clock = outside.clock;
    this.#logger = outside.logger;
  }

  async defragment(): Promise<void> {
    const beganMs = this.#clock.monotonicMs();
    const before = this.#sizes();
    this.#logger.log("info", CALLER, "defragmenting", before);
    try {
      await this.#backend.defragment();
    } catch (cause) {
      const error = errorText(cause);
      this.#logger.log("error", CALLER, "failed to defragment", { error });
      throw cause;
    }
    this.#logger.log("info", CALLER, "finished defragmenting", {
      "db-size-bytes-before": before["current-db-size-bytes"],
      ...this.#sizes(),
      took: `${Math.round(this.#clock.monotonicMs() - beganMs)}ms`,
    });
  }

  #sizes() {
    return {
      "current-db-size-bytes": this.#backend.sizeBytes(),
      "current-db-size-in-use-bytes": this.#backend.sizeInUseBytes(),
    };
  }

  sizeBytes(): number {
    return this.#backend.sizeBytes();
  }

  sizeInUseBytes(): number {
    return this.#backend.sizeInUseBytes();
  }

  wholeHash(): WholeHash {
    return new WholeHash(this.#backend.pin());
  }

  storageVersion(): string {
    const version = storageVersionOf(this.#backend);
    return version === undefined ? "" : wholeText(version);
  }
}
