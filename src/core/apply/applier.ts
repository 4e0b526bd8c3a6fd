// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import { AlarmSet } from "../alarm/index.ts";
import type { Backend } from "../backend/index.ts";
import { Lessor } from "../lease/index.ts";
import type { ClusterMembership, MemberChange } from "../membership/index.ts";
import type { MvccStore, StoredEvent, WriteTxn } from "../mvcc/index.ts";
import { executeAlarm } from "./alarm.ts";
import { refusedByAlarm } from "./alarm-gate.ts";
import { checkpointLeases, grantLease, revokeLease } from "./lease.ts";
import { executeRange } from "./range.ts";
import type { Request } from "./request.ts";
import {
  type ApplyResult,
  failed,
  type MembersRefusedResult,
  type MembersResult,
} from "./result.ts";
import { type SpaceQuota, spaceCost } from "./space.ts";
import { executeTxn } from "./txn.ts";
import { checkPut, executeDeleteRange, executePut } from "./write.ts";

export interface ApplierOptions {
  /** The leases of the backend; without, with the times of a default configuration. */
  readonly leases?: Lessor;
  /** The alarms of the backend; without, nobody is told of changes. */
  readonly alarms?: AlarmSet;
  /** Without one, the store may grow. */
  readonly quota?: SpaceQuota;
}

/**
 * Applies committed requests to the state: same requests, same state on every member. Events of
 * what it wrote collect until `takeEvents`.
 */
export class Applier {
  readonly leases: Lessor;
  readonly alarms: AlarmSet;
  readonly #store: MvccStore;
  readonly #membership: ClusterMembership;
  readonly #quota: SpaceQuota | undefined;
  #events: StoredEvent[] = [];
  #isOverQuota = false;

  constructor(
    store: MvccStore,
    backend: Backend,
    membership: ClusterMembership,
    options: ApplierOptions = {},
  ) {
    this.leases = options.leases ?? new Lessor(backend);
    this.alarms = options.alarms ?? new AlarmSet(backend);
    this.#quota = options.quota;
    this.#store = store;
    this.#membership = membership;
  }

  /** Hands over the events since the last call, by revision. */
  takeEvents(): StoredEvent[] {
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    return events;
  }

  /**
   * Whether something was applied since the last call that this member's store has no room for.
   * All members have to apply it all the same; that nothing more comes, an alarm sees to.
   */
  takeOverQuota(): boolean {
    const isOver = this.#isOverQuota;
    this.#isOverQuota = false;
    return isOver;
  }

  /** This member begins to lead, or no longer does: only a leader measures the time of leases. */
  lead(leads: boolean, nowMs: number): void {
    if (leads) this.leases.promote(nowMs);
    else this.leases.demote();
  }

  /**
   * Executes one request whose entry is not yet reflected in the backend. The time, monotonic, only
   * says from when on a granted lease runs here.
   */
  apply(request: Request, nowMs: number): ApplyResult {
    const refusal = refusedByAlarm(this.alarms, request);
    if (refusal !== undefined) return failed(refusal);
    if (this.#quota?.hasRoomFor(spaceCost(request)) === false) this.#isOverQuota = true;
    switch (request.kind) {
      case "put":
        return this.#put(request.put);
      case "txn":
        return executeTxn(this.#store, this.leases, request.txn, this.#end);
      case "deleteRange": {
        const txn = this.#store.write();
        const before = this.#store.currentRevision;
        const result = executeDeleteRange(txn, request.deleteRange);
        this.#end(txn);
        return { ...result, revision: result.deleted > 0 ? before + 1 : before };
      }
      case "range":
        return executeRange(this.#store, request.range);
      case "compaction":
        return this.#compact(request.compaction.revision);
      case "leaseGrant":
        return grantLease(this.#store, this.leases, request.grant, nowMs);
      case "leaseRevoke":
        return revokeLease(this.#store, this.leases, request.id, this.#end);
      case "leaseCheckpoint": {
        const { clusterVersion } = this.#membership;
        checkpointLeases(this.leases, request.checkpoint, nowMs, clusterVersion);
        return { kind: "done" };
      }
      case "alarm":
        return executeAlarm(this.alarms, request.alarm);
      case "clusterVersionSet":
        this.#membership.setClusterVersion(request.version);
        return { kind: "done" };
      case "clusterMemberAttrSet": {
        const { memberID, memberAttributes } = request.attributes;
        const { name = "", clientUrls = [] } = memberAttributes ?? {};
        this.#membership.setAttributes(memberID, name, clientUrls);
        return { kind: "done" };
      }
      case "downgradeInfoSet":
        this.#membership.setDowngrade(request.downgrade.enabled, request.downgrade.ver);
        return { kind: "done" };
      case "downgradeVersionTest":
      case "v2Keys":
        return { kind: "done" };
      case "memberChange":
        return this.changeMembers(request.change);
      case "unsupported":
        invariant(
          false,
          `the log holds a request (field ${request.field}) that this version cannot apply`,
        );
    }
  }

  /** Whether this ID belonged to a member that was removed. */
  isRemovedMember(id: bigint): boolean {
    return this.#membership.isRemoved(id);
  }

  /** Makes the change unless the stored membership forbids it (formats-apply I.9). */
  changeMembers(change: MemberChange): MembersResult | MembersRefusedResult {
    const refusal = this.#membership.check(change);
    if (refusal !== undefined) return { kind: "membersRefused", refusal };
    this.#membership.change(change);
    return { kind: "members", members: this.#membership.members() };
  }

  /** Lets the members' rows follow a configuration of raft, for joint changes. */
  followConfiguration(ids: ReadonlySet<bigint>, learners: ReadonlySet<bigint>): void {
    this.#membership.follow(ids, learners);
  }

  #put(put: Extract<Request, { kind: "put" }>["put"]): ApplyResult {
    const error = checkPut(this.#store, this.leases, put);
    if (error !== undefined) return failed(error);
    const txn = this.#store.write();
    const result = executePut(txn, put);
    this.#end(txn);
    return result;
  }

  #compact(revision: number): ApplyResult {
    const outcome = this.#store.compact(revision);
    if (outcome === "compacted") return failed("compacted");
    if (outcome === "future") return failed("futureRevision");
    return { kind: "compaction", revision: this.#store.currentRevision };
  }

  readonly #end = (txn: WriteTxn): void => {
    for (const event of txn.end().events) this.#events.push(event);
  };
}
