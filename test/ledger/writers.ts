// SPDX-License-Identifier: Apache-2.0

import { status } from "@grpc/grpc-js";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import type { Attempt } from "./history.ts";

const writerCount = 8;
const keyCount = 32;
/** Larger than a put ever takes here; an answer that late is a failure of its own. */
const putDeadlineMs = 20_000;

/** Numbers the starts and ends of puts, over all bursts of a run. */
export class LogicalClock {
  #now = 0;

  tick(): number {
    this.#now += 1;
    return this.#now;
  }
}

export interface Burst {
  readonly endpoint: string;
  readonly clock: LogicalClock;
  /** Begins every value, so that values differ between bursts. */
  readonly label: string;
  readonly random: SeededRandom;
  /** Called once, in the middle of the writing, after so many acknowledgements. */
  readonly killAfter: number;
  readonly kill: () => void;
}

/** A put that failed in another way than by the server's death. */
export class UnexpectedRefusal extends Error {
  override readonly name = "UnexpectedRefusal";
}

function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === status.UNAVAILABLE;
}

/**
 * Eight clients put unique values under shared keys, each waiting for its answer, until the server
 * is killed under them. Resolves with every put that was sent.
 */
export async function writeUntilKilled(burst: Burst): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const { random, clock } = burst;
  let acknowledgements = 0;
  let isKilled = false;

  const put = async (client: GrpcClient, key: string, value: string): Promise<void> => {
    const startedAt = clock.tick();
    const encoder = new TextEncoder();
    const request = { key: encoder.encode(key), value: encoder.encode(value) };
    try {
      const answer = await client.unary(KVService.put, request, { deadlineMs: putDeadlineMs });
      const endedAt = clock.tick();
      const revision = answer.header?.revision ?? 0;
      attempts.push({ key, value, startedAt, acknowledged: { revision, endedAt } });
      acknowledgements += 1;
    } catch (error) {
      attempts.push({ key, value, startedAt, acknowledged: undefined });
      if (isConnectionLost(error) && isKilled) return;
      throw new UnexpectedRefusal(`${value} failed: ${String(error)}`, { cause: error });
    }
  };
  const write = async (writer: number): Promise<void> => {
    const client = new GrpcClient(burst.endpoint);
    try {
      for (let sequence = 0; !isKilled; sequence += 1) {
        const key = `ledger/${random.intBelow(keyCount)}`;
        await put(client, key, `${burst.label}-w${writer}-${sequence}`);
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
