// SPDX-License-Identifier: Apache-2.0

import { AlarmMember } from "../../api/gen/etcdserverpb.ts";
import type { Backend } from "../../core/backend/index.ts";
import type { StorageFacts } from "../grpc/index.ts";

const STORAGE_VERSION_KEY = new TextEncoder().encode("storageVersion");
/** What etcd reports as the quota when none is set. */
const QUOTA_BYTES_DEFAULT = 2 * 1024 * 1024 * 1024;

/** What status and version answers tell of the store. */
export class StorageView implements StorageFacts {
  readonly quotaBytes = QUOTA_BYTES_DEFAULT;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  sizeBytes(): number {
    return this.#backend.sizeBytes();
  }

  sizeInUseBytes(): number {
    return this.#backend.sizeInUseBytes();
  }

  alarms(): AlarmMember[] {
    const alarms: AlarmMember[] = [];
    this.#backend.forEach("alarm", (key) => alarms.push(AlarmMember.decode(key)));
    return alarms;
  }

  storageVersion(): string {
    const version = this.#backend.get("meta", STORAGE_VERSION_KEY);
    return version === undefined ? "" : new TextDecoder().decode(version);
  }
}
