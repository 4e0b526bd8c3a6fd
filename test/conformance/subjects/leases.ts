// SPDX-License-Identifier: Apache-2.0
// The calls about leases, in short.

import {
  type LeaseGrantResponse,
  type LeaseKeepAliveRequest,
  type LeaseKeepAliveResponse,
  type LeaseRevokeResponse,
  LeaseService,
  type LeaseTimeToLiveResponse,
} from "../../../src/api/gen/etcdserverpb.ts";
import type { Init } from "../../../src/api/message-codec.ts";
import { text } from "./requests.ts";
import type { Store } from "./store.ts";

const answerWaitMs = 30_000;

export function grant(store: Store, TTL: number, ID = 0n): Promise<LeaseGrantResponse> {
  return store.client.unary(LeaseService.leaseGrant, { TTL, ID });
}

export function revoke(store: Store, ID: bigint): Promise<LeaseRevokeResponse> {
  return store.client.unary(LeaseService.leaseRevoke, { ID });
}

export function timeToLive(
  store: Store,
  ID: bigint,
  keys = false,
): Promise<LeaseTimeToLiveResponse> {
  return store.client.unary(LeaseService.leaseTimeToLive, { ID, keys });
}

/** The keys of a lease, sorted: etcd gives them in any order. */
export async function keysOfLease(store: Store, id: bigint): Promise<(string | undefined)[]> {
  return (await timeToLive(store, id, true)).keys.map(text).sort();
}

export async function leaseIds(store: Store): Promise<bigint[]> {
  const { leases } = await store.client.unary(LeaseService.leaseLeases, {});
  return leases.map(({ ID }) => ID);
}

/** Ends every lease, so that a case finds none. */
export async function revokeAll(store: Store): Promise<void> {
  for (const id of await leaseIds(store)) await revoke(store, id);
}

/** One stream of keep-alives: what is sent, and answers by arrival. */
export class KeepAliveStream {
  readonly #stream: ReturnType<typeof openStream>;
  readonly #received: LeaseKeepAliveResponse[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(store: Store) {
    this.#stream = openStream(store);
    this.#stream.on("data", (answer: LeaseKeepAliveResponse) => {
      this.#received.push(answer);
      this.#wake();
    });
    const end = (error: Error): void => {
      this.#failure ??= error;
      this.#wake();
    };
    this.#stream.on("error", end);
    this.#stream.on("end", () => end(new Error("the keep-alive stream ended")));
  }

  send(request: Init<LeaseKeepAliveRequest>): void {
    this.#stream.write(request);
  }

  /** Renews one lease and gives the next answer. */
  renew(id: bigint): Promise<LeaseKeepAliveResponse> {
    this.send({ ID: id });
    return this.next();
  }

  async next(): Promise<LeaseKeepAliveResponse> {
    const late = AbortSignal.timeout(answerWaitMs);
    for (;;) {
      const answer = this.#received.shift();
      if (answer !== undefined) return answer;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        late.addEventListener("abort", () => reject(new Error("no answer to a keep-alive")));
      });
    }
  }

  /** Sends no more; resolves when the server has ended the stream too. */
  async finish(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#stream.once("status", ({ code, details }) => {
        if (code === 0) resolve();
        else reject(new Error(details));
      });
    });
    this.#stream.end();
    await ended;
  }

  close(): void {
    this.#stream.cancel();
  }
}

function openStream(store: Store) {
  return store.client.bidi(LeaseService.leaseKeepAlive);
}

export async function withKeepAlive<T>(
  store: Store,
  body: (stream: KeepAliveStream) => Promise<T>,
): Promise<T> {
  const stream = new KeepAliveStream(store);
  try {
    return await body(stream);
  } finally {
    stream.close();
  }
}
