// SPDX-License-Identifier: Apache-2.0

import { type Backend, WholeHash } from "../../core/backend/index.ts";
import type { StorageFacts } from "../grpc/index.ts";

const STORAGE_VERSION_KEY = new TextEncoder().encode("storageVersion");

/** What status and version answers tell of the store. */
export class StorageView implements StorageFacts {
  readonly quotaBytes: number;
  readonly #backend: Backend;

  constructor(backend: Backend, quotaBytes: number) {
    this.#backend = backend;
    this.quotaBytes = quotaBytes;
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
    const version = this.#backend.get("meta", STORAGE_VERSION_KEY);
    return version === undefined ? "" : new TextDecoder().decode(version);
  }
}
