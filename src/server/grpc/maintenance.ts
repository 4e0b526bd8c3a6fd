// SPDX-License-Identifier: Apache-2.0

import {
  AlarmRequest_AlarmAction as AlarmAction,
  type AlarmMember,
  AlarmRequest,
  AlarmResponse,
  MaintenanceService as Descriptors,
  HashKVRequest,
  HashKVResponse,
  StatusResponse,
} from "../../api/gen/etcdserverpb.ts";
import { GrpcCode, rpcErrors } from "../../api/rpc-errors.ts";
import { ETCD_VERSION } from "../../api/versions.ts";
import type { HashJob, StoredHash } from "../../core/mvcc/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import type { ReplicaFace } from "../replica/face.ts";
import { refusalStatus } from "./error-status.ts";
import { refuse, type UnaryMethods, unsupportedText } from "./service.ts";

/** Rows that a hash computation visits before it lets the loop go on. */
const HASH_ROWS_PER_STEP = 2000;
/** Hash computations at once; a further one is refused with "too many requests". */
const HASH_JOBS_MAX = 16;

/** Sizes of the backend and what its bucket says of the storage version. */
export interface StorageFacts {
  sizeBytes(): number;
  sizeInUseBytes(): number;
  /** Empty until the cluster version is decided. */
  storageVersion(): string;
  readonly quotaBytes: number;
  /** The rows of the bucket `alarm`. */
  alarms(): AlarmMember[];
}

export interface MaintenanceOptions {
  readonly replica: ReplicaFace;
  readonly storage: StorageFacts;
  /** Runs `step` in later turns of the loop until it returns true. */
  readonly runSliced: (step: () => boolean) => void;
}

/** `etcdserverpb.Maintenance`: status and the hash of the key space. */
export class MaintenanceService {
  readonly #options: MaintenanceOptions;
  #hashJobs = 0;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  methods(): UnaryMethods {
    return new Map([
      [Descriptors.status.path, this.#status],
      [Descriptors.hashKV.path, this.#hashKv],
      [Descriptors.alarm.path, this.#alarm],
    ]);
  }

  #header() {
    const { clusterId, memberId, store } = this.#options.replica;
    const raftTerm = this.#options.replica.status().term;
    return { clusterId, memberId, revision: store.currentRevision, raftTerm };
  }

  readonly #status = (call: UnaryCall): void => {
    const { replica, storage } = this.#options;
    const status = replica.status();
    const response = StatusResponse.encode({
      header: this.#header(),
      version: ETCD_VERSION,
      dbSize: storage.sizeBytes(),
      leader: status.leader,
      raftIndex: status.committedIndex,
      raftTerm: status.term,
      raftAppliedIndex: status.appliedIndex,
      errors: status.leader === 0n ? [rpcErrors.noLeader.message] : [],
      dbSizeInUse: storage.sizeInUseBytes(),
      isLearner: false,
      storageVersion: storage.storageVersion(),
      dbSizeQuota: storage.quotaBytes,
      downgradeInfo: { enabled: false },
    });
    call.respond(response);
  };

  readonly #alarm = (call: UnaryCall, message: Uint8Array): void => {
    const { action } = AlarmRequest.decode(message);
    if (action !== AlarmAction.GET) {
      // Nothing raises alarms yet, so there is nothing to set or to clear.
      return call.fail(GrpcCode.unimplemented, unsupportedText(Descriptors.alarm.path));
    }
    const { replica, storage } = this.#options;
    replica.read({
      serve: () => {
        const alarms = storage.alarms();
        call.respond(AlarmResponse.encode({ header: this.#header(), alarms }));
      },
      unserved: (reason) => refuse(call, refusalStatus[reason]),
    });
  };

  readonly #hashKv = (call: UnaryCall, message: Uint8Array): void => {
    const { revision } = HashKVRequest.decode(message);
    if (this.#hashJobs >= HASH_JOBS_MAX) return refuse(call, rpcErrors.requestTooManyRequests);
    const hash = this.#options.replica.store.hashByRevision(revision);
    if (hash.kind === "job") this.#runHash(call, hash);
    else if (hash.kind === "hash") this.#answerHash(call, hash);
    else refuse(call, hash.kind === "future" ? rpcErrors.futureRev : rpcErrors.compacted);
  };

  #runHash(call: UnaryCall, job: HashJob): void {
    this.#hashJobs++;
    this.#options.runSliced(() => {
      const outcome = call.ended ? undefined : job.step(HASH_ROWS_PER_STEP);
      if (outcome?.done === false) return false;
      this.#hashJobs--;
      if (outcome === undefined) job.close();
      else this.#answerHash(call, outcome.result);
      return true;
    });
  }

  #answerHash(call: UnaryCall, { hash, compactRevision, hashRevision }: StoredHash): void {
    const header = this.#header();
    call.respond(HashKVResponse.encode({ header, hash, compactRevision, hashRevision }));
  }
}
