// SPDX-License-Identifier: Apache-2.0

import { KVService, RangeResponse, type ResponseHeader } from "../../api/gen/etcdserverpb.ts";
import type { KeyValue } from "../../api/gen/mvccpb.ts";
import { type ByteText, encodeText } from "../../base/byte-text.ts";
import { type Client, RpcError, WatchStream } from "../../client/index.ts";
import { prefixRange } from "../key-range.ts";
import { createdAt, firstCreated, queueKey, until, waitForHead } from "./key-queue.ts";
import type { LeaseSession } from "./lease-session.ts";

/** A candidate that leads. */
export interface Leadership {
  readonly key: Uint8Array;
  /** Revision at which the key was created. */
  readonly revision: number;
}

/**
 * Stands for election and waits until it is won. A candidate that is stopped withdraws.
 * @throws {RpcError}
 */
export async function campaign(
  client: Client,
  session: LeaseSession,
  { name, proposal }: { readonly name: ByteText; readonly proposal: ByteText },
  signal: AbortSignal,
): Promise<Leadership> {
  const prefix = `${name}/`;
  const key = encodeText(queueKey(prefix, session.id));
  const request = {
    compare: [createdAt(key, 0)],
    success: [{ requestPut: { key, value: encodeText(proposal), lease: session.id } }],
    failure: [{ requestRange: { key } }],
  };
  const response = await client.call(KVService.txn, request, { signal });
  const found = response.responses[0]?.responseRange?.kvs[0];
  const revision = found?.createRevision ?? response.header?.revision ?? 0;
  const leadership = { key, revision };
  try {
    await waitForHead(client, prefix, revision - 1, signal);
  } catch (error) {
    if (signal.aborted) await resign(client, leadership);
    throw error;
  }
  return leadership;
}

/** Gives the leadership up, if it is still this one. */
export async function resign(client: Client, { key, revision }: Leadership): Promise<void> {
  await client.call(KVService.txn, {
    compare: [createdAt(key, revision)],
    success: [{ requestDeleteRange: { key } }],
  });
}

/**
 * The leader's key whenever there is a new leader or a new proposal, until the signal or the
 * cluster ends it.
 */
export async function* observe(
  client: Client,
  name: ByteText,
  signal: AbortSignal,
): AsyncGenerator<RangeResponse> {
  const prefix = `${name}/`;
  try {
    for (;;) {
      const options = { signal, repeatable: true };
      const response = await client.call(KVService.range, firstCreated(prefix), options);
      const [first] = response.kvs;
      const leader =
        first === undefined
          ? await firstPut(client, prefix, response.header?.revision ?? 0, signal)
          : { header: response.header, kv: first };
      if (leader === undefined) return;
      yield answer(leader.header, leader.kv);
      yield* proposals(client, leader, signal);
    }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
  }
}

interface Leader {
  readonly header: ResponseHeader | undefined;
  readonly kv: KeyValue;
}

function answer(header: ResponseHeader | undefined, kv: KeyValue): RangeResponse {
  return RangeResponse.create({ header, kvs: [kv] });
}

/** Waits for the first candidate; undefined when the watch ends. */
async function firstPut(
  client: Client,
  prefix: ByteText,
  startRevision: number,
  signal: AbortSignal,
): Promise<Leader | undefined> {
  const request = { createRequest: { ...prefixRange(prefix), startRevision } };
  for await (const { canceled, events, header } of until(
    signal,
    new WatchStream(client, request),
  )) {
    if (canceled) return undefined;
    const kv = events.find((event) => event.type !== 1)?.kv;
    if (kv === undefined) continue;
    // The answer may hold several revisions; the leader is known as of its own.
    return { header: header && { ...header, revision: kv.modRevision }, kv };
  }
  return undefined;
}

/** New proposals of a leader, until its key is deleted. */
async function* proposals(
  client: Client,
  { header, kv }: Leader,
  signal: AbortSignal,
): AsyncGenerator<RangeResponse> {
  const startRevision = (header?.revision ?? 0) + 1;
  const request = { createRequest: { key: kv.key, startRevision } };
  for await (const response of until(signal, new WatchStream(client, request))) {
    for (const event of response.events) {
      if (event.type === 1) return;
      if (event.kv !== undefined) yield answer(response.header, event.kv);
    }
    if (response.canceled) return;
  }
}
