// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from "node:timers/promises";
import {
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  LeaseService,
} from "../api/gen/etcdserverpb.ts";
import { GrpcCode, rpcErrors } from "../api/rpc-errors.ts";
import type { Client } from "./client.ts";
import { RpcError, toRpcError } from "./errors.ts";
import type { CallOptions } from "./options.ts";

/** How long a stream that broke rests before it is opened anew (etcd's client's value). */
const REOPEN_PAUSE_MS = 500;
/** A lease is renewed so many times in its life. */
const RENEWALS_PER_TTL = 3;
/** Timers take no longer times: a lease of many years is renewed, or given up, sooner. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const WANTS_LEADER: CallOptions = { metadata: { hasleader: "true" } };
/** The first answer may take this long, and the time of a connection. */
const FIRST_ANSWER_MS = 1000;

/**
 * Renews a lease once. A lease that does not exist answers with a TTL of 0.
 * @throws {RpcError} when the server refuses; one that is unavailable is tried again
 */
export async function keepAliveOnce(client: Client, id: bigint): Promise<LeaseKeepAliveResponse> {
  for (;;) {
    const session = await open(client, {});
    try {
      return await session.renew(id);
    } catch (error) {
      if (!isPassing(error)) throw error;
      await delay(REOPEN_PAUSE_MS);
    } finally {
      session.close();
    }
  }
}

/**
 * Renews a lease every third of its time and gives the answers, until the lease is gone, or has
 * to be taken for gone: no renewal came through in its time, or there is no leader. A stream that
 * ends for another reason is opened anew.
 */
export async function* leaseKeepAlives(
  client: Client,
  id: bigint,
  dialTimeoutMs = 0,
): AsyncGenerator<LeaseKeepAliveResponse> {
  let deadlineMs = Date.now() + dialTimeoutMs + FIRST_ANSWER_MS;
  while (Date.now() < deadlineMs) {
    const session = await open(client, WANTS_LEADER, deadlineMs).catch(() => undefined);
    if (session === undefined) return;
    try {
      for (;;) {
        const answer = await until(deadlineMs, session.renew(id));
        if (answer === undefined || answer.TTL <= 0) return;
        deadlineMs = Date.now() + answer.TTL * 1000;
        yield answer;
        await delay(Math.min((answer.TTL * 1000) / RENEWALS_PER_TTL, TIMER_MS_MAX));
      }
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (error.message === rpcErrors.noLeader.message) return;
      await delay(REOPEN_PAUSE_MS);
    } finally {
      session.close();
    }
  }
}

/** What work gives, or undefined when it has given nothing by then. */
async function until<T>(deadlineMs: number, work: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const restMs = Math.min(Math.max(deadlineMs - Date.now(), 0), TIMER_MS_MAX);
  const timer = setTimeout(late.resolve, restMs, undefined);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface Session {
  renew(id: bigint): Promise<LeaseKeepAliveResponse>;
  close(): void;
}

async function open(client: Client, how: CallOptions, deadlineMs?: number): Promise<Session> {
  const connection = await client.connected(deadlineMs === undefined ? {} : { deadlineMs });
  const stream = connection.duplexStream(LeaseService.leaseKeepAlive.path, how);
  const answers = stream[Symbol.asyncIterator]();
  return {
    renew: async (ID) => {
      stream.write(LeaseKeepAliveRequest.encode({ ID }));
      const next = await answers.next().catch((error: unknown) => {
        throw toRpcError(error);
      });
      if (next.done === true || !(next.value instanceof Uint8Array)) {
        throw new RpcError(GrpcCode.unavailable, "the keep-alive stream has ended");
      }
      return LeaseKeepAliveResponse.decode(next.value);
    },
    close: () => stream.cancel(),
  };
}

/** Whether another attempt may go better: the server is unavailable, for now. */
function isPassing(error: unknown): boolean {
  return error instanceof RpcError && error.code === GrpcCode.unavailable && !error.isEtcdError;
}
