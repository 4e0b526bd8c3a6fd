// SPDX-License-Identifier: Apache-2.0

import {
  LeaseService as Descriptors,
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseLeasesRequest,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
} from "../../api/gen/etcdserverpb.ts";
import { rpcErrors } from "../../api/rpc-errors.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import { invariant } from "../../base/invariant.ts";
import type { ApplyResult, RequestKind } from "../../core/apply/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import type { ReplicaFace } from "../replica/face.ts";
import { applyErrorStatus, refusalStatus } from "./error-status.ts";
import { refuse, type UnaryMethods } from "./service.ts";
import type { SpaceCheck } from "./space-check.ts";

/** What a time-to-live answer says of a lease that does not exist. */
const TTL_UNKNOWN = -1;

export interface LeaseOptions {
  readonly replica: ReplicaFace;
  readonly clock: Clock;
  readonly space: SpaceCheck;
}

/** The unary methods of `etcdserverpb.Lease`; keep-alives are in `lease-keep-alive.ts`. */
export class LeaseService {
  readonly #replica: ReplicaFace;
  readonly #clock: Clock;
  readonly #space: SpaceCheck;

  constructor({ replica, clock, space }: LeaseOptions) {
    this.#replica = replica;
    this.#clock = clock;
    this.#space = space;
  }

  methods(): UnaryMethods {
    return new Map([
      [Descriptors.leaseGrant.path, this.#grant],
      [Descriptors.leaseRevoke.path, this.#revoke],
      [Descriptors.leaseTimeToLive.path, this.#timeToLive],
      [Descriptors.leaseLeases.path, this.#leases],
    ]);
  }

  readonly #grant = (call: UnaryCall, message: Uint8Array): void => {
    const { ID, TTL } = LeaseGrantRequest.decode(message);
    const complete = ID === 0n ? LeaseGrantRequest.encode({ ID: this.#newId(), TTL }) : message;
    this.#propose(call, "leaseGrant", complete, (result) => {
      invariant(result.kind === "leaseGrant", `a grant was answered with ${result.kind}`);
      const header = this.#header(result.storeRevision);
      call.respond(LeaseGrantResponse.encode({ header, ID: result.id, TTL: result.ttl }));
    });
  };

  readonly #revoke = (call: UnaryCall, message: Uint8Array): void => {
    this.#propose(call, "leaseRevoke", message, (result) => {
      invariant(result.kind === "leaseRevoke", `a revoke was answered with ${result.kind}`);
      call.respond(LeaseRevokeResponse.encode({ header: this.#header(result.storeRevision) }));
    });
  };

  /** A positive ID that no lease has. */
  #newId(): bigint {
    for (;;) {
      const id = BigInt.asUintN(63, this.#replica.newId());
      if (id !== 0n) return id;
    }
  }

  #propose(
    call: UnaryCall,
    kind: RequestKind,
    message: Uint8Array,
    answer: (result: ApplyResult) => void,
  ): void {
    const prepared = this.#replica.prepare(kind, message);
    if (!this.#space.admits(call, prepared.request)) return;
    this.#replica.propose(prepared, {
      applied: (result) => {
        if (call.ended) return;
        if (result.kind === "error") refuse(call, applyErrorStatus[result.error]);
        else answer(result);
      },
      unserved: (reason) => {
        if (!call.ended) refuse(call, refusalStatus[reason]);
      },
    });
  }

  readonly #timeToLive = (call: UnaryCall, message: Uint8Array): void => {
    const { ID, keys } = LeaseTimeToLiveRequest.decode(message);
    // Only a leader measures time, and only one that a quorum still follows measures it rightly.
    this.#replica.read({
      serve: () => {
        if (!call.ended) this.#answerTimeToLive(call, ID, keys);
      },
      unserved: (reason) => {
        if (!call.ended) refuse(call, refusalStatus[reason]);
      },
    });
  };

  #answerTimeToLive(call: UnaryCall, id: bigint, wantsKeys: boolean): void {
    const { leases, store } = this.#replica;
    if (!leases.isPrimary) return refuse(call, rpcErrors.leaderChanged);
    const header = this.#header(store.currentRevision);
    const lease = leases.get(id);
    if (lease === undefined) {
      return call.respond(LeaseTimeToLiveResponse.encode({ header, ID: id, TTL: TTL_UNKNOWN }));
    }
    const response = LeaseTimeToLiveResponse.encode({
      header,
      ID: id,
      TTL: Math.trunc(lease.remaining(this.#clock.monotonicMs())),
      grantedTTL: lease.ttl,
      keys: wantsKeys ? store.keysOfLease(id) : [],
    });
    call.respond(response);
  }

  readonly #leases = (call: UnaryCall, message: Uint8Array): void => {
    LeaseLeasesRequest.decode(message);
    const { leases, store } = this.#replica;
    const response = LeaseLeasesResponse.encode({
      header: this.#header(store.currentRevision),
      leases: leases.ids().map((ID) => ({ ID })),
    });
    call.respond(response);
  };

  #header(revision: number) {
    const { clusterId, memberId } = this.#replica;
    return { clusterId, memberId, revision, raftTerm: this.#replica.status().term };
  }
}
