// SPDX-License-Identifier: Apache-2.0

import { status } from "@grpc/grpc-js";
import { KVService, LeaseService, type ResponseHeader } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { type Attempt, longTtlSeconds, type Outcome, shortTtlSeconds } from "./operations.ts";

const writerCount = 8;
const keyCount = 32;
/** Larger than a request ever takes here; an answer that late is a failure of its own. */
const deadlineMs = 20_000;
/** Of 100 requests so many are of this kind; the rest are puts. */
const percent = { grant: 3, revoke: 2, delete: 15 } as const;
/** Of 100 puts so many name a lease, and of 100 leases so many are short. */
const percentLeased = 40;
const percentShort = 40;

/** What lasts over all bursts of a run. */
export class LedgerState {
  /** Leases that somebody may still put with. */
  readonly leases: bigint[] = [];
  #now = 0;
  #lastLease = 0n;

  /** Numbers the starts and ends of requests. */
  tick(): number {
    this.#now += 1;
    return this.#now;
  }

  newLease(): bigint {
    this.#lastLease += 1n;
    return this.#lastLease;
  }
}

export interface Burst {
  readonly endpoint: string;
  readonly state: LedgerState;
  /** Begins every value, so that values differ between bursts. */
  readonly label: string;
  readonly random: SeededRandom;
  /** Called once, in the middle of the writing, after so many acknowledgements. */
  readonly killAfter: number;
  readonly kill: () => void;
}

/** A request that failed in another way than by the server's death. */
export class UnexpectedRefusal extends Error {
  override readonly name = "UnexpectedRefusal";
}

/** A request before it is sent: what it is, and how to send it. */
interface Plan {
  readonly describe: (startedAt: number, outcome: Outcome) => Attempt;
  readonly send: (client: GrpcClient) => Promise<{
    readonly header: ResponseHeader | undefined;
    readonly deleted?: number;
  }>;
}

const encoder = new TextEncoder();

function putPlan(key: string, value: string, lease: bigint): Plan {
  const request = { key: encoder.encode(key), value: encoder.encode(value), lease };
  return {
    describe: (startedAt, outcome) => ({ kind: "put", key, value, lease, startedAt, outcome }),
    send: (client) => client.unary(KVService.put, request, { deadlineMs }),
  };
}

function deletePlan(key: string): Plan {
  const request = { key: encoder.encode(key) };
  return {
    describe: (startedAt, outcome) => ({ kind: "delete", key, startedAt, outcome }),
    send: (client) => client.unary(KVService.deleteRange, request, { deadlineMs }),
  };
}

function grantPlan(lease: bigint, ttlSeconds: number): Plan {
  const request = { ID: lease, TTL: ttlSeconds };
  return {
    describe: (startedAt, outcome) => ({ kind: "grant", lease, ttlSeconds, startedAt, outcome }),
    send: (client) => client.unary(LeaseService.leaseGrant, request, { deadlineMs }),
  };
}

function revokePlan(lease: bigint): Plan {
  return {
    describe: (startedAt, outcome) => ({ kind: "revoke", lease, startedAt, outcome }),
    send: (client) => client.unary(LeaseService.leaseRevoke, { ID: lease }, { deadlineMs }),
  };
}

function choose({ random, state }: Burst, value: string): Plan {
  const { leases } = state;
  const dice = random.intBelow(100);
  if (dice < percent.grant) {
    const isShort = random.chance(percentShort);
    return grantPlan(state.newLease(), isShort ? shortTtlSeconds : longTtlSeconds);
  }
  if (dice < percent.grant + percent.revoke && leases.length > 0) {
    const [lease = 0n] = leases.splice(random.intBelow(leases.length), 1);
    return revokePlan(lease);
  }
  const key = `ledger/${random.intBelow(keyCount)}`;
  if (dice < percent.grant + percent.revoke + percent.delete) return deletePlan(key);
  const isLeased = leases.length > 0 && random.chance(percentLeased);
  const lease = isLeased ? (leases[random.intBelow(leases.length)] ?? 0n) : 0n;
  return putPlan(key, value, lease);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/**
 * Eight clients put unique values under shared keys with and without leases, delete, grant and
 * revoke, each waiting for its answer, until the server is killed under them. Resolves with
 * everything that was sent.
 */
export async function writeUntilKilled(burst: Burst): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const { state } = burst;
  let acknowledgements = 0;
  let isKilled = false;

  const outcomeOf = async (client: GrpcClient, plan: Plan): Promise<Outcome> => {
    try {
      const { header, deleted = 0 } = await plan.send(client);
      acknowledgements += 1;
      return { revision: header?.revision ?? 0, endedAt: state.tick(), deleted };
    } catch (error) {
      if (codeOf(error) === status.NOT_FOUND) return "refused";
      if (codeOf(error) === status.UNAVAILABLE && isKilled) return "unanswered";
      throw new UnexpectedRefusal(`a request failed: ${String(error)}`, { cause: error });
    }
  };
  const write = async (writer: number): Promise<void> => {
    const client = new GrpcClient(burst.endpoint);
    try {
      for (let sequence = 0; !isKilled; sequence += 1) {
        const plan = choose(burst, `${burst.label}-w${writer}-${sequence}`);
        const startedAt = state.tick();
        const attempt = plan.describe(startedAt, await outcomeOf(client, plan));
        attempts.push(attempt);
        if (attempt.kind === "grant" && typeof attempt.outcome !== "string") {
          state.leases.push(attempt.lease);
        }
        if (attempt.kind === "put" && attempt.outcome === "refused") forget(state, attempt.lease);
        if (acknowledgements >= burst.killAfter && !isKilled) {
          isKilled = true;
          burst.kill();
        }
      }
    } finally {
      client.close();
    }
  };
  await Promise.all(Array.from({ length: writerCount }, (_, writer) => write(writer)));
  return attempts;
}

/** The lease has ended. */
function forget(state: LedgerState, lease: bigint): void {
  const index = state.leases.indexOf(lease);
  if (index >= 0) state.leases.splice(index, 1);
}
