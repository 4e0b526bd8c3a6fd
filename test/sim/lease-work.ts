// SPDX-License-Identifier: Apache-2.0

import { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../../src/api/gen/etcdserverpb.ts";
import { silentLogger } from "../../src/base/contracts/logger.ts";
import { Applier, type ApplyResult, type Request } from "../../src/core/apply/index.ts";
import type { Backend } from "../../src/core/backend/index.ts";
import { Lessor, minTtlSeconds } from "../../src/core/lease/index.ts";
import type { ClusterMembership } from "../../src/core/membership/index.ts";
import type { MvccStore, StoredEvent } from "../../src/core/mvcc/index.ts";
import { LeaseKeepAliveService } from "../../src/server/grpc/lease-keep-alive.ts";
import type { StreamCall } from "../../src/server/h2/index.ts";
import { Metadata } from "../../src/server/h2/metadata.ts";
import { LeaseExpiry } from "../../src/server/jobs/lease-expiry.ts";
import type { ReplicaFace } from "../../src/server/replica/face.ts";
import type { SimMachine } from "./contracts.ts";

const textDecoder = new TextDecoder();

/** An applier that shows what the end of a lease does. */
export class WatchedApplier extends Applier {
  readonly #machine: SimMachine;
  readonly #store: MvccStore;
  /** Events that were looked at. */
  #held: StoredEvent[] = [];

  constructor(
    machine: SimMachine,
    parts: { store: MvccStore; backend: Backend; membership: ClusterMembership },
  ) {
    const { electionTicks, tickMs } = machine.world.tuning;
    const leases = new Lessor(parts.backend, {
      minTtlSeconds: minTtlSeconds(electionTicks, tickMs),
      promotionExtensionMs: electionTicks * tickMs,
    });
    super(parts.store, parts.backend, parts.membership, { leases });
    this.#machine = machine;
    this.#store = parts.store;
  }

  override takeEvents(): StoredEvent[] {
    const events = super.takeEvents();
    if (this.#held.length === 0) return events;
    const held = this.#held;
    this.#held = [];
    return [...held, ...events];
  }

  override apply(request: Request, nowMs: number): ApplyResult {
    if (request.kind !== "leaseRevoke" || !this.leases.has(request.id)) {
      return super.apply(request, nowMs);
    }
    const { id } = request;
    const store = this.#store;
    const before = store.currentRevision;
    const keys = store.keysOfLease(id).map((key) => textDecoder.decode(key));
    this.#held.push(...super.takeEvents());
    const result = super.apply(request, nowMs);
    const own = super.takeEvents();
    this.#held.push(...own);
    const deleted = own
      .filter(({ kind }) => kind === "delete")
      .map(({ key }) => textDecoder.decode(key));
    const behind = store.currentRevision;
    const left = store.keysOfLease(id).length;
    const { name, world } = this.#machine;
    world.leases.ended({ name, id, before, behind, keys, left, deleted });
    return result;
  }
}

/** What the server does about leases: proposing their ends, and streams of renewals. */
export class LeaseWork {
  readonly #expiry: LeaseExpiry;
  readonly #keepAlive: LeaseKeepAliveService;

  constructor(machine: SimMachine, face: ReplicaFace) {
    const { clock, name, world } = machine;
    this.#expiry = new LeaseExpiry({
      replica: {
        get leases() {
          return face.leases;
        },
        prepare: (kind, message) => face.prepare(kind, message),
        proposeAsLeader: (prepared, waiter) => {
          const { request } = prepared;
          if (request.kind === "leaseRevoke") {
            world.leases.claimed(request.id, name, clock);
            if (world.leader()?.machine !== machine) {
              world.coverage.saw("a member that had been deposed proposed the end of a lease");
            }
          }
          face.proposeAsLeader(prepared, waiter);
        },
      },
      clock,
      logger: silentLogger,
      revoked: () => {},
    });
    this.#keepAlive = new LeaseKeepAliveService(face, clock);
  }

  /** Looks for leases that have run out. */
  look(): void {
    this.#expiry.tick();
  }

  /** A turn is over. */
  turned(): void {
    this.#keepAlive.onTurn();
  }

  /** Asks for a lease to be renewed; answers come with its time to live, 0 when there is none. */
  renew(id: bigint, answered: (ttlSeconds: number) => void, failed: (why: string) => void): void {
    const stream = this.#keepAlive.keepAlive(new RenewalCall(answered, failed));
    stream.onMessage(LeaseKeepAliveRequest.encode({ ID: id }));
  }
}

/** The stream of one renewal. */
class RenewalCall implements StreamCall {
  readonly path = "/etcdserverpb.Lease/LeaseKeepAlive";
  readonly metadata = new Metadata([]);
  readonly peerAddress = "@";
  readonly deadlineMs = undefined;
  readonly bufferedBytes = 0;
  ended = false;
  readonly #answered: (ttlSeconds: number) => void;
  readonly #failed: (why: string) => void;

  constructor(answered: (ttlSeconds: number) => void, failed: (why: string) => void) {
    this.#answered = answered;
    this.#failed = failed;
  }

  write(message: Uint8Array): boolean {
    this.#answered(LeaseKeepAliveResponse.decode(message).TTL);
    return true;
  }

  lend(messages: readonly (readonly Uint8Array[])[]): boolean {
    return messages.map((pieces) => this.write(Buffer.concat(pieces))).every(Boolean);
  }

  end(): void {
    this.ended = true;
  }

  fail(_code: number, message: string): void {
    this.ended = true;
    this.#failed(message);
  }

  pause(): void {}

  resume(): void {}
}
