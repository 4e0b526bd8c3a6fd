// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import type { KeyValue } from "../../src/api/gen/mvccpb.ts";
import type { GrpcClient } from "../harness/grpc-client.ts";
import type { Stored, StoreView } from "./history.ts";

const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
const readsInFlightMax = 64;
const decoder = new TextDecoder();

function stored(pair: KeyValue): Stored {
  const { createRevision, modRevision, version } = pair;
  const key = decoder.decode(pair.key);
  return { key, value: decoder.decode(pair.value), createRevision, modRevision, version };
}

/** What was written at `revision`: of the pairs as of then, those last modified then. */
async function writesAt(client: GrpcClient, revision: number): Promise<Stored[]> {
  const request = { ...everything, revision, minModRevision: revision };
  const answer = await client.unary(KVService.range, request);
  return answer.kvs.map(stored);
}

/**
 * Reads the whole store. Revisions in `known` were read after an earlier restart; of those only
 * every `recheckStep`-th is read again, so that long runs stay short.
 */
export async function readStore(
  client: GrpcClient,
  known: ReadonlyMap<number, readonly Stored[]>,
  recheckStep: number,
): Promise<StoreView> {
  const answer = await client.unary(KVService.range, everything);
  const currentRevision = answer.header?.revision ?? 0;
  const writes = new Map<number, readonly Stored[]>();
  let next = 2;
  const reader = async (): Promise<void> => {
    while (next <= currentRevision) {
      const revision = next;
      next += 1;
      const before = revision % recheckStep === 0 ? undefined : known.get(revision);
      writes.set(revision, before ?? (await writesAt(client, revision)));
    }
  };
  await Promise.all(Array.from({ length: readsInFlightMax }, reader));
  return { currentRevision, writes, latest: answer.kvs.map(stored) };
}
