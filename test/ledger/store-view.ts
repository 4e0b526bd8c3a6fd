// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from "node:timers/promises";
import { KVService, LeaseService } from "../../src/api/gen/etcdserverpb.ts";
import type { KeyValue } from "../../src/api/gen/mvccpb.ts";
import type { GrpcClient } from "../harness/grpc-client.ts";
import type { LeaseView, RevisionView, Stored, StoreView } from "./changes.ts";
import { shortTtlSeconds } from "./operations.ts";

const everything = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
const readsInFlightMax = 64;
const pollMs = 100;
/** A short lease lives for its time, an election and the pace of expiry; this is far above. */
const settleMsMax = 30_000;
const decoder = new TextDecoder();

export function stored(pair: KeyValue): Stored {
  const { createRevision, modRevision, version, lease } = pair;
  const key = decoder.decode(pair.key);
  return { key, value: decoder.decode(pair.value), createRevision, modRevision, version, lease };
}

/** What was written at `revision`: of the pairs as of then, those last modified then. */
async function viewAt(client: GrpcClient, revision: number): Promise<RevisionView> {
  const request = { ...everything, revision, minModRevision: revision };
  const { kvs, count } = await client.unary(KVService.range, request);
  if (kvs.length > 0) return { writes: kvs.map(stored), keys: undefined, count };
  const left = await client.unary(KVService.range, { ...everything, revision, keysOnly: true });
  return { writes: [], keys: left.kvs.map(({ key }) => decoder.decode(key)), count };
}

async function readLeases(client: GrpcClient): Promise<LeaseView[]> {
  const { leases } = await client.unary(LeaseService.leaseLeases, {});
  const views: LeaseView[] = [];
  for (const { ID } of leases) {
    const answer = await client.unary(LeaseService.leaseTimeToLive, { ID, keys: true });
    // It may have ended since it was listed.
    if (answer.TTL < 0) continue;
    const keys = answer.keys.map((key) => decoder.decode(key));
    views.push({ id: ID, grantedTtlSeconds: answer.grantedTTL, keys });
  }
  return views;
}

/** Waits until no short lease is left. */
async function settle(client: GrpcClient): Promise<void> {
  for (const deadline = Date.now() + settleMsMax; ; await delay(pollMs)) {
    const leases = await readLeases(client);
    if (leases.every(({ grantedTtlSeconds }) => grantedTtlSeconds > shortTtlSeconds)) return;
    if (Date.now() > deadline) throw new Error("short leases live on");
  }
}

export interface ReadOptions {
  /** Revisions that were read after an earlier restart. */
  readonly known: ReadonlyMap<number, RevisionView>;
  /** Of those only every so many-th is read again, so that long runs stay short. */
  readonly recheckStep: number;
  /** Waits for the end of short leases first. */
  readonly isSettled: boolean;
}

/** Reads the whole store. */
export async function readStore(client: GrpcClient, options: ReadOptions): Promise<StoreView> {
  const { known, recheckStep, isSettled } = options;
  if (isSettled) await settle(client);
  const answer = await client.unary(KVService.range, everything);
  const leases = await readLeases(client);
  const currentRevision = answer.header?.revision ?? 0;
  const revisions = new Map<number, RevisionView>();
  let next = 2;
  const reader = async (): Promise<void> => {
    while (next <= currentRevision) {
      const revision = next;
      next += 1;
      const before = revision % recheckStep === 0 ? undefined : known.get(revision);
      revisions.set(revision, before ?? (await viewAt(client, revision)));
    }
  };
  await Promise.all(Array.from({ length: readsInFlightMax }, reader));
  return { currentRevision, revisions, latest: answer.kvs.map(stored), leases, isSettled };
}
