// SPDX-License-Identifier: Apache-2.0

import { RangeRequest } from "../../api/gen/etcdserverpb.ts";
import { ETCD_VERSION } from "../../api/versions.ts";
import { executeRange } from "../../core/apply/index.ts";
import type { ClusterMembership } from "../../core/membership/index.ts";
import { refusalStatus, type StorageFacts } from "../grpc/index.ts";
import type { HealthSource, ServerVersions } from "../http/index.ts";
import type { ReplicaFace } from "../replica/face.ts";

/** What a probe reads: one key, as etcd's do. */
const PROBE = RangeRequest.create({ key: Uint8Array.of(0), limit: 1, keysOnly: true });

/** The member as its HTTP endpoints see it. */
export class MemberHealth implements HealthSource {
  // Learners and alarms come with membership and quota; a member alone has neither.
  readonly isLearner = false;
  readonly alarms = [];
  readonly #replica: ReplicaFace;
  readonly #membership: ClusterMembership;
  readonly #storage: StorageFacts;

  constructor(replica: ReplicaFace, membership: ClusterMembership, storage: StorageFacts) {
    this.#replica = replica;
    this.#membership = membership;
    this.#storage = storage;
  }

  get leaderKnown(): boolean {
    return this.#replica.status().leader !== 0n;
  }

  get versions(): ServerVersions {
    const storage = this.#storage.storageVersion();
    return {
      server: ETCD_VERSION,
      cluster: this.#membership.clusterVersion,
      storage: storage === "" ? undefined : storage,
    };
  }

  async serializableRead(): Promise<void> {
    executeRange(this.#replica.store, PROBE);
  }

  linearizableRead(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#replica.read({
        serve: () => {
          executeRange(this.#replica.store, PROBE);
          resolve();
        },
        unserved: (reason) => reject(new Error(refusalStatus[reason].message)),
      });
    });
  }
}
