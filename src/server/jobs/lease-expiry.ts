// SPDX-License-Identifier: Apache-2.0

import { LeaseCheckpointRequest, LeaseRevokeRequest } from "../../api/gen/etcdserverpb.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { EXPIRY_INTERVAL_MS, Revocations } from "../../core/lease/index.ts";
import type { ReplicaFace } from "../replica/face.ts";

const CALLER = "jobs/lease-expiry.ts";

export interface LeaseExpiryParts {
  readonly replica: Pick<ReplicaFace, "leases" | "prepare" | "proposeAsLeader">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An expired lease was revoked. */
  readonly revoked: () => void;
}

/**
 * Proposes the end of expired leases, and notes on long ones, on the member that leads. A member
 * that was paused may believe to lead while others renew leases: what it decides must not reach
 * the log through them.
 */
export class LeaseExpiry {
  readonly #parts: LeaseExpiryParts;
  readonly #revocations = new Revocations();
  #timer: NodeJS.Timeout | undefined;
  #isPumping = false;

  constructor(parts: LeaseExpiryParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), EXPIRY_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#revocations.clear();
  }

  /** One look; the timer's work. */
  tick(): void {
    const { replica, clock } = this.#parts;
    const { leases } = replica;
    if (!leases.isPrimary) {
      this.#revocations.clear();
      return;
    }
    const nowMs = clock.monotonicMs();
    if (this.#revocations.hasRoom) this.#revocations.offer(leases.takeExpired(nowMs));
    this.#pump();
    const checkpoints = leases.takeCheckpoints(nowMs);
    if (checkpoints.length > 0) this.#checkpoint(checkpoints);
  }

  /** Proposes revokes while there are places for them. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const { leases } = this.#parts.replica;
    for (let next = this.#revocations.take(); next; next = this.#revocations.take()) {
      // Revoked by somebody else meanwhile, or another member has led in between.
      if (!leases.isExpired(next.id, this.#parts.clock.monotonicMs())) next.done();
      else if (!this.#revoke(next)) break;
    }
    this.#isPumping = false;
  }

  /** False when the proposal was refused at once: then the others would be too. */
  #revoke({ id, done }: { readonly id: bigint; readonly done: () => void }): boolean {
    const { replica, logger, revoked } = this.#parts;
    let isRefused = false;
    const message = LeaseRevokeRequest.encode({ ID: id });
    replica.proposeAsLeader(replica.prepare("leaseRevoke", message), {
      applied: (result) => {
        done();
        if (result.kind === "leaseRevoke") revoked();
        this.#pump();
      },
      unserved: (reason) => {
        isRefused = true;
        done();
        // It is offered again after the retry time.
        const fields = { "lease-id": BigInt.asUintN(64, id).toString(16), error: reason };
        logger.log("warn", CALLER, "failed to revoke lease", fields);
      },
    });
    return !isRefused;
  }

  #checkpoint(
    checkpoints: readonly { readonly id: bigint; readonly remainingTtl: number }[],
  ): void {
    const { replica, logger } = this.#parts;
    const message = LeaseCheckpointRequest.encode({
      checkpoints: checkpoints.map(({ id, remainingTtl }) => ({
        ID: id,
        remainingTTL: remainingTtl,
      })),
    });
    replica.proposeAsLeader(replica.prepare("leaseCheckpoint", message), {
      applied: () => {},
      unserved: (reason) => {
        const fields = { count: checkpoints.length, error: reason };
        logger.log("warn", CALLER, "failed to checkpoint leases", fields);
      },
    });
  }
}
