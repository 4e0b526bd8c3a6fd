// SPDX-License-Identifier: Apache-2.0

import {
  AlarmResponse,
  DefragmentRequest,
  DefragmentResponse,
  MaintenanceService as Descriptors,
  HashKVRequest,
  HashKVResponse,
  HashRequest,
  HashResponse,
  MoveLeaderRequest,
  MoveLeaderResponse,
  StatusRequest,
  StatusResponse,
} from "../../api/gen/etcdserverpb.ts";
import { GrpcCode, rpcErrors } from "../../api/rpc-errors.ts";
import { ETCD_VERSION } from "../../api/versions.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import { errorText } from "../../base/error-text.ts";
import { invariant } from "../../base/invariant.ts";
import type { AlarmSet } from "../../core/alarm/index.ts";
import type { WholeHash } from "../../core/backend/index.ts";
import type { HashJob, StoredHash } from "../../core/mvcc/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import type { ReplicaFace } from "../replica/face.ts";
import type { Slices } from "../replica/slices.ts";
import { describeAlarm } from "./describe-alarm.ts";
import { applyErrorStatus, refusalStatus } from "./error-status.ts";
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
  /** Gives free space back to the disk; rejects with the reason why that could not be done. */
  defragment(): Promise<void>;
  /** Begins the hash of all that is committed. */
  wholeHash(): WholeHash;
  /** Below zero for none. */
  readonly quotaBytes: number;
}

/** Hears how long work took, in milliseconds. */
export interface MaintenanceTimes {
  /** So many defragmentations are under way. */
  defragmenting(count: number): void;
  defragmented(tookMs: number): void;
  hashed(tookMs: number): void;
  hashedRevision(tookMs: number): void;
}

export interface MaintenanceOptions {
  readonly clock: Clock;
  readonly times: MaintenanceTimes;
  readonly replica: ReplicaFace;
  readonly storage: StorageFacts;
  readonly alarms: AlarmSet;
  readonly isVoter: (memberId: bigint) => boolean;
  readonly slices: Slices;
}

/** `etcdserverpb.Maintenance`: status, alarms and the hash of the key space. */
export class MaintenanceService {
  readonly #options: MaintenanceOptions;
  #hashJobs = 0;
  #defragmentations = 0;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  methods(): UnaryMethods {
    return new Map([
      [Descriptors.status.path, this.#status],
      [Descriptors.hash.path, this.#hash],
      [Descriptors.hashKV.path, this.#hashKv],
      [Descriptors.alarm.path, this.#alarm],
      [Descriptors.defragment.path, this.#defragment],
      [Descriptors.moveLeader.path, this.#moveLeader],
    ]);
  }

  #header() {
    const { clusterId, memberId, store } = this.#options.replica;
    const raftTerm = this.#options.replica.status().term;
    return { clusterId, memberId, revision: store.currentRevision, raftTerm };
  }

  readonly #status = (call: UnaryCall, message: Uint8Array): void => {
    StatusRequest.decode(message);
    const { replica, storage, alarms } = this.#options;
    const status = replica.status();
    const response = StatusResponse.encode({
      header: this.#header(),
      version: ETCD_VERSION,
      dbSize: storage.sizeBytes(),
      leader: status.leader,
      raftIndex: status.committedIndex,
      raftTerm: status.term,
      raftAppliedIndex: status.appliedIndex,
      errors: [
        ...(status.leader === 0n ? [rpcErrors.noLeader.message] : []),
        ...alarms.list().map(describeAlarm),
      ],
      dbSizeInUse: storage.sizeInUseBytes(),
      isLearner: false,
      storageVersion: storage.storageVersion(),
      dbSizeQuota: storage.quotaBytes,
      downgradeInfo: { enabled: false },
    });
    call.respond(response);
  };

  readonly #alarm = (call: UnaryCall, message: Uint8Array): void => {
    const { replica } = this.#options;
    // Asking for the list goes through the log too, as in etcd.
    replica.propose(replica.prepare("alarm", message), {
      applied: (result) => {
        if (call.ended) return;
        if (result.kind === "error") return refuse(call, applyErrorStatus[result.error]);
        invariant(result.kind === "alarm", `an alarm was answered with ${result.kind}`);
        const alarms = [...result.alarms];
        call.respond(AlarmResponse.encode({ header: this.#header(), alarms }));
      },
      unserved: (reason) => {
        if (!call.ended) refuse(call, refusalStatus[reason]);
      },
    });
  };

  /**
   * What is compacted gets removed first, and that goes to disk, from when on its space is free.
   * The work goes on when the caller does not wait for it any more.
   */
  readonly #defragment = (call: UnaryCall, message: Uint8Array): void => {
    DefragmentRequest.decode(message);
    const { clock, times, replica, storage } = this.#options;
    const beganMs = clock.monotonicMs();
    times.defragmenting(++this.#defragmentations);
    const end = (): void => times.defragmenting(--this.#defragmentations);
    const done = (): void => {
      end();
      times.defragmented(clock.monotonicMs() - beganMs);
      if (!call.ended) call.respond(DefragmentResponse.encode({}));
    };
    const failed = (error: unknown): void => {
      end();
      const text = errorText(error);
      if (!call.ended) call.fail(GrpcCode.unknown, text);
    };
    replica.whenCompacted(() => void storage.defragment().then(done, failed));
  };

  /** A leader that is told to hand over to itself has done so. */
  readonly #moveLeader = (call: UnaryCall, message: Uint8Array): void => {
    const { targetID } = MoveLeaderRequest.decode(message);
    const { replica, isVoter } = this.#options;
    if (!replica.status().isLeader) return refuse(call, rpcErrors.notLeader);
    if (!isVoter(targetID)) return refuse(call, rpcErrors.badLeaderTransferee);
    if (targetID === replica.memberId) {
      return call.respond(MoveLeaderResponse.encode({ header: this.#header() }));
    }
    call.fail(GrpcCode.unimplemented, unsupportedText(Descriptors.moveLeader.path));
  };

  readonly #hash = (call: UnaryCall, message: Uint8Array): void => {
    HashRequest.decode(message);
    if (this.#hashJobs >= HASH_JOBS_MAX) return refuse(call, rpcErrors.requestTooManyRequests);
    this.#hashJobs++;
    // What is not on disk yet is not hashed, so it has to get there first.
    this.#options.replica.whenCompacted(() => {
      this.#hashJobs--;
      if (!call.ended) this.#runWholeHash(call);
    });
  };

  #runWholeHash(call: UnaryCall): void {
    const { clock, times, storage } = this.#options;
    const beganMs = clock.monotonicMs();
    const job = storage.wholeHash();
    this.#runJob(call, {
      step: () => {
        const hash = job.step(HASH_ROWS_PER_STEP);
        if (hash === undefined) return false;
        times.hashed(clock.monotonicMs() - beganMs);
        call.respond(HashResponse.encode({ header: this.#header(), hash }));
        return true;
      },
      close: () => job.close(),
    });
  }

  /** Computes a hash in slices, as long as somebody waits for it. */
  #runJob(call: UnaryCall, job: { step(): boolean; close(): void }): void {
    this.#hashJobs++;
    const isTaken = this.#options.slices.run(() => {
      if (call.ended) job.close();
      else if (!job.step()) return false;
      this.#hashJobs--;
      return true;
    });
    if (isTaken) return;
    this.#hashJobs--;
    job.close();
    refuse(call, rpcErrors.requestTooManyRequests);
  }

  readonly #hashKv = (call: UnaryCall, message: Uint8Array): void => {
    const { revision } = HashKVRequest.decode(message);
    if (this.#hashJobs >= HASH_JOBS_MAX) return refuse(call, rpcErrors.requestTooManyRequests);
    const hash = this.#options.replica.store.hashByRevision(revision);
    if (hash.kind === "job") this.#runHash(call, hash);
    else if (hash.kind === "hash") this.#answerHash(call, hash);
    else refuse(call, hash.kind === "future" ? rpcErrors.futureRev : rpcErrors.compacted);
  };

  #runHash(call: UnaryCall, job: HashJob): void {
    const { clock, times } = this.#options;
    const beganMs = clock.monotonicMs();
    this.#runJob(call, {
      step: () => {
        const outcome = job.step(HASH_ROWS_PER_STEP);
        if (!outcome.done) return false;
        times.hashedRevision(clock.monotonicMs() - beganMs);
        this.#answerHash(call, outcome.result);
        return true;
      },
      close: () => job.close(),
    });
  }

  #answerHash(call: UnaryCall, { hash, compactRevision, hashRevision }: StoredHash): void {
    const header = this.#header();
    call.respond(HashKVResponse.encode({ header, hash, compactRevision, hashRevision }));
  }
}
