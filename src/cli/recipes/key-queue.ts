// SPDX-License-Identifier: Apache-2.0

import {
  type Compare,
  Compare_CompareTarget as CompareTarget,
  KVService,
  type RangeRequest,
  type RangeResponse,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../api/gen/etcdserverpb.ts";
import type { Init } from "../../api/message-codec.ts";
import { GrpcCode } from "../../api/rpc-errors.ts";
import type { ByteText } from "../../base/byte-text.ts";
import { type Client, RpcError, WatchStream } from "../../client/index.ts";
import { prefixRange } from "../key-range.ts";

/*
 * A queue of keys with a common prefix: each process puts one, bound to its lease, and is at the
 * head when no key of the prefix was created before its own.
 */

/** The member's key in a queue: the prefix and its lease in hexadecimal. */
export function queueKey(prefix: ByteText, lease: bigint): ByteText {
  const digits = lease < 0n ? `-${(-lease).toString(16)}` : lease.toString(16);
  return `${prefix}${digits}`;
}

/** Holds when the key was created at this revision; at 0, when there is none. */
export function createdAt(key: Uint8Array, createRevision: number): Init<Compare> {
  return { key, target: CompareTarget.CREATE, createRevision };
}

/** The key of the prefix that was created first. */
export function firstCreated(prefix: ByteText): Init<RangeRequest> {
  const { CREATE } = SortTarget;
  return { ...prefixRange(prefix), sortTarget: CREATE, sortOrder: SortOrder.ASCEND, limit: 1 };
}

/**
 * Waits until every key of the prefix is gone that was created at this revision or before.
 * @throws {RpcError} when a call fails, or when the signal says to stop
 */
export async function waitForHead(
  client: Client,
  prefix: ByteText,
  createRevisionMax: number,
  signal: AbortSignal,
): Promise<void> {
  const request = {
    ...firstCreated(prefix),
    sortOrder: SortOrder.DESCEND,
    maxCreateRevision: createRevisionMax,
  };
  for (;;) {
    const last: RangeResponse = await client.call(KVService.range, request, {
      signal,
      repeatable: true,
    });
    const [kv] = last.kvs;
    if (kv === undefined) return;
    await waitForDelete(client, kv.key, last.header?.revision ?? 0, signal);
  }
}

async function waitForDelete(
  client: Client,
  key: Uint8Array,
  startRevision: number,
  signal: AbortSignal,
): Promise<void> {
  const request = { createRequest: { key, startRevision } };
  for await (const response of until(signal, new WatchStream(client, request))) {
    if (response.events.some((event) => event.type === 1)) return;
    if (response.canceled) throw new Error("lost watcher waiting for delete");
  }
}

/**
 * What an iteration gives, until the signal says to stop.
 * @throws {RpcError} that says so
 */
export async function* until<T>(signal: AbortSignal, items: AsyncIterable<T>): AsyncGenerator<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(new RpcError(GrpcCode.canceled, "context canceled"));
  stopped.promise.catch(() => {});
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([stopped.promise, iterator.next()]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    // Not waited for: an iteration that waits for its server ends with the client.
    void iterator.return?.();
  }
}
