// SPDX-License-Identifier: Apache-2.0
//
// A simulated member with the job that ends its leases, on a clock that the test moves.

import {
  LeaseCheckpointRequest,
  LeaseGrantRequest,
  LeaseRevokeRequest,
  PutRequest,
} from "../../src/api/gen/etcdserverpb.ts";
import { ClusterVersionSetRequest } from "../../src/api/gen/membershippb.ts";
import { silentLogger } from "../../src/base/contracts/logger.ts";
import { type RequestKind, readRequest } from "../../src/core/apply/index.ts";
import { MemoryDisk } from "../../src/core/backend/index.ts";
import { EXPIRY_INTERVAL_MS } from "../../src/core/lease/index.ts";
import { LeaseExpiry } from "../../src/server/jobs/lease-expiry.ts";
import type { PreparedRequest, ProposalWaiter } from "../../src/server/replica/face.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { SimClock } from "../harness/sim-clock.ts";
import { SimDisk } from "../harness/sim-disk.ts";
import { SimMember, type SimProposal } from "../harness/sim-member.ts";

interface Waiting {
  readonly proposal: SimProposal;
  readonly waiter: ProposalWaiter;
}

export class LeaseRig {
  readonly clock = new SimClock();
  readonly #disk = new SimDisk();
  readonly #store = new MemoryDisk();
  member: SimMember;
  #job: LeaseExpiry;
  #waiting: Waiting[] = [];
  revoked = 0;

  constructor() {
    this.member = this.#start();
    this.#job = this.#newJob();
  }

  grant(id: bigint, TTL: number): SimProposal {
    return this.member.propose("leaseGrant", LeaseGrantRequest.encode({ ID: id, TTL }));
  }

  revoke(id: bigint): SimProposal {
    return this.member.propose("leaseRevoke", LeaseRevokeRequest.encode({ ID: id }));
  }

  checkpoint(id: bigint, remainingTTL: number): SimProposal {
    const checkpoints = [{ ID: id, remainingTTL }];
    return this.member.propose("leaseCheckpoint", LeaseCheckpointRequest.encode({ checkpoints }));
  }

  /** From 3.6 on checkpoints are kept in the store. */
  setClusterVersion(ver: string): SimProposal {
    return this.member.propose("clusterVersionSet", ClusterVersionSetRequest.encode({ ver }));
  }

  put(key: string, lease = 0n): SimProposal {
    const request = { key: Buffer.from(key), value: Buffer.from("v"), lease };
    return this.member.propose("put", PutRequest.encode(request));
  }

  keysOf(lease: bigint): string[] {
    return this.member.store.keysOfLease(lease).map((key) => Buffer.from(key).toString());
  }

  /** One interval passes, and the job looks. */
  tick(): void {
    this.clock.advance(EXPIRY_INTERVAL_MS);
    this.#job.tick();
  }

  /**
   * What is proposed by now is agreed on, and then told to the job, which may propose more. Gives
   * the number of its proposals that came to an end.
   */
  round(): number {
    this.member.settle();
    const done = this.#waiting;
    this.#waiting = [];
    for (const { proposal, waiter } of done) {
      const { outcome } = proposal;
      if (outcome === undefined) throw new Error("a member alone answers what it has synced");
      if (outcome.kind === "refused") waiter.unserved("tooManyRequests");
      else if (outcome.kind === "unserved") waiter.unserved("timeout");
      else waiter.applied(outcome);
    }
    return done.length;
  }

  /** The power fails; the member starts again from its disks. `commit`: the store is saved before. */
  async restart(options: { readonly commit: boolean }): Promise<void> {
    if (options.commit) await this.member.backend.commit();
    this.#disk.crash({ seed: 7 });
    this.#waiting = [];
    this.member = this.#start();
    this.#job = this.#newJob();
  }

  #start(): SimMember {
    const random = new SeededRandom(1);
    const options = { disk: this.#disk, store: this.#store, clock: this.clock, random };
    const member = new SimMember(options);
    member.settle();
    return member;
  }

  #newJob(): LeaseExpiry {
    const { member } = this;
    return new LeaseExpiry({
      replica: {
        leases: member.applier.leases,
        prepare: (kind, message) => this.#prepare(kind, message),
        proposeAsLeader: ({ request, data }, waiter) => {
          const proposal = member.propose(request.kind as RequestKind, data, { isLeaders: true });
          this.#waiting.push({ proposal, waiter });
        },
      },
      clock: this.clock,
      logger: silentLogger,
      revoked: () => {
        this.revoked++;
      },
    });
  }

  /** The member makes the entry itself, so the message goes through as it is. */
  #prepare(kind: RequestKind, message: Uint8Array): PreparedRequest {
    return { id: 0, data: message, request: readRequest(kind, message) };
  }
}
