// SPDX-License-Identifier: Apache-2.0

import { AlarmType, RangeRequest } from "../../api/gen/etcdserverpb.ts";
import { ETCD_VERSION } from "../../api/versions.ts";
import type { AlarmSet } from "../../core/alarm/index.ts";
import { executeRange } from "../../core/apply/index.ts";
import type { ClusterMembership } from "../../core/membership/index.ts";
import { refusalStatus, type StorageFacts } from "../grpc/index.ts";
import type { AlarmName, HealthSource, ServerVersions } from "../http/index.ts";
import type { ReplicaFace } from "../replica/face.ts";

/** What a probe reads: one key, as etcd's do. */
const PROBE = RangeRequest.create({ key: Uint8Array.of(0), limit: 1, keysOnly: true });

/** The member as its HTTP endpoints see it. */
export class MemberHealth implements HealthSource {
  // Learners come with membership; a member alone is none.
  readonly isLearner = false;
  readonly #replica: ReplicaFace;
  readonly #membership: ClusterMembership;
  readonly #storage: StorageFacts;
  readonly #alarms: AlarmSet;

  constructor(
    replica: ReplicaFace,
    membership: ClusterMembership,
    storage: StorageFacts,
    alarms: AlarmSet,
  ) {
    this.#replica = replica;
    this.#membership = membership;
    this.#storage = storage;
    this.#alarms = alarms;
  }

  get alarms(): AlarmName[] {
    return this.#alarms.list().map(({ alarm }) => alarmName(alarm));
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

function alarmName(type: AlarmType): AlarmName {
  if (type === AlarmType.NOSPACE) return "NOSPACE";
  return type === AlarmType.CORRUPT ? "CORRUPT" : "UNKNOWN";
}
