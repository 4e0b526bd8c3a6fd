// SPDX-License-Identifier: Apache-2.0

import { KVService, type ResponseHeader } from "../../api/gen/etcdserverpb.ts";
import { type ByteText, encodeText } from "../../base/byte-text.ts";
import type { Client } from "../../client/index.ts";
import { createdAt, firstCreated, queueKey, waitForHead } from "./key-queue.ts";
import type { LeaseSession } from "./lease-session.ts";

/** A lock that is held: its key, and the header of the answer that said so. */
export interface HeldLock {
  readonly key: ByteText;
  readonly header: ResponseHeader | undefined;
}

/** The key of a process that waited for a lock was gone when its turn came. */
export class LockSessionExpired extends Error {
  override readonly name = "LockSessionExpired";

  constructor() {
    super("mutex: session is expired");
  }
}

/**
 * Waits for the lock. A wait that fails or is stopped takes its key back.
 * @throws {RpcError | LockSessionExpired}
 */
export async function acquireLock(
  client: Client,
  session: LeaseSession,
  name: ByteText,
  signal: AbortSignal,
): Promise<HeldLock> {
  const prefix = `${name}/`;
  const key = queueKey(prefix, session.id);
  const bytes = encodeText(key);
  const owner = { requestRange: firstCreated(prefix) };
  const request = {
    compare: [createdAt(bytes, 0)],
    success: [{ requestPut: { key: bytes, lease: session.id } }, owner],
    failure: [{ requestRange: { key: bytes } }, owner],
  };
  const response = await client.call(KVService.txn, request, { signal });
  const [mine, first] = response.responses;
  const revision = response.succeeded
    ? (response.header?.revision ?? 0)
    : (mine?.responseRange?.kvs[0]?.createRevision ?? 0);
  const holder = first?.responseRange?.kvs[0];
  if (holder === undefined || holder.createRevision === revision) {
    return { key, header: response.header };
  }
  try {
    await waitForHead(client, prefix, revision - 1, signal);
    const options = { signal, repeatable: true };
    const present = await client.call(KVService.range, { key: bytes }, options);
    if (present.kvs.length === 0) throw new LockSessionExpired();
    return { key, header: present.header };
  } catch (error) {
    if (!(error instanceof LockSessionExpired)) await releaseLock(client, key);
    throw error;
  }
}

export async function releaseLock(client: Client, key: ByteText): Promise<void> {
  await client.call(KVService.deleteRange, { key: encodeText(key) });
}
