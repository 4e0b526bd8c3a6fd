// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { Random } from "../../base/contracts/random.ts";
import { type Alarm, AlarmSet } from "../../core/alarm/index.ts";
import { Applier, type ApplyResult, type Request } from "../../core/apply/index.ts";
import type { Backend } from "../../core/backend/index.ts";
import { Lessor, minTtlSeconds } from "../../core/lease/index.ts";
import { MvccStore } from "../../core/mvcc/index.ts";
import { RawNode } from "../../core/raft/index.ts";
import { READ_INDEX_RETRY_MS, Replica, RequestIds } from "../../core/replica/index.ts";
import type { MemberState } from "../bootstrap/member-state.ts";
import type { ServerConfig } from "../config/index.ts";
import { BackendQuota } from "../replica/backend-quota.ts";
import type { ReadWaiter, WaitingProposal } from "../replica/face.ts";

/** etcd's sizes for a member's raft (limits of the raft log). */
const MAX_SIZE_PER_MSG = 1024 * 1024;
const MAX_INFLIGHT_MSGS = 512;
/** Committed entries handed to one apply; the rest follows in the same turn. */
const MAX_COMMITTED_SIZE_PER_READY = 16 * 1024 * 1024;
/** A request that got no answer is given up after this and two election timeouts. */
const REQUEST_TIMEOUT_BASE_MS = 5000;

/** The deterministic part of a member, wired together. */
export interface Engines {
  readonly raft: RawNode;
  readonly store: MvccStore;
  readonly leases: Lessor;
  readonly alarms: AlarmSet;
  readonly quota: BackendQuota;
  readonly replica: Replica<WaitingProposal, ReadWaiter>;
  readonly requestIds: RequestIds;
}

/** Who hears of what entries have changed, for metrics and the log. */
export interface EngineObserver {
  leaseGranted(ttlSeconds: number): void;
  alarmChanged(alarm: Alarm, isActive: boolean): void;
  /** A request was applied in so many milliseconds. */
  applied(request: Request, result: ApplyResult, tookMs: number): void;
}

export function buildEngines(
  config: ServerConfig,
  state: MemberState,
  backend: Backend,
  outside: { readonly clock: Clock; readonly random: Random },
  observer: EngineObserver,
): Engines {
  const { heartbeatIntervalMs, electionTimeoutMs } = config;
  const raft = new RawNode({
    id: state.identity.memberId,
    electionTick: config.electionTicks,
    heartbeatTick: 1,
    storage: state.storage,
    applied: state.appliedIndex,
    random: outside.random,
    asyncStorageWrites: true,
    maxSizePerMsg: MAX_SIZE_PER_MSG,
    maxCommittedSizePerReady: MAX_COMMITTED_SIZE_PER_READY,
    maxInflightMsgs: MAX_INFLIGHT_MSGS,
    checkQuorum: true,
    preVote: true,
  });
  const store = new MvccStore(backend);
  const requestIds = new RequestIds(state.identity.memberId, outside.clock.unixMs());
  const requestTimeoutMs = REQUEST_TIMEOUT_BASE_MS + 2 * electionTimeoutMs;
  const leases = new Lessor(backend, {
    minTtlSeconds: minTtlSeconds(config.electionTicks, heartbeatIntervalMs),
    promotionExtensionMs: electionTimeoutMs,
    retryMs: requestTimeoutMs,
    checkpoints: config.leaseCheckpoint,
    persistCheckpoints: config.leaseCheckpointPersist,
    granted: observer.leaseGranted,
  });
  const alarms = new AlarmSet(backend, { changed: observer.alarmChanged });
  const quota = new BackendQuota(config.quotaBackendBytes, backend);
  const applier = new Applier(store, backend, state.membership, { leases, alarms, quota });
  const replica = new Replica<WaitingProposal, ReadWaiter>({
    raft,
    storage: state.storage,
    applier,
    backend,
    requestIds,
    clock: outside.clock,
    slowApplyMs: config.warningApplyDurationMs,
    applied: observer.applied,
    consistentIndex: backend.boundary.consistentIndex,
    requestTimeoutTicks: Math.ceil(requestTimeoutMs / heartbeatIntervalMs),
    readIndexRetryTicks: Math.ceil(READ_INDEX_RETRY_MS / heartbeatIntervalMs),
    catchupEntries: config.snapshotCatchupEntries,
    priorityRequests: config.priorityRequests,
  });
  return { raft, store, leases, alarms, quota, replica, requestIds };
}
