// SPDX-License-Identifier: Apache-2.0

import { LeaseService } from "../../api/gen/etcdserverpb.ts";
import { type Client, leaseKeepAlives } from "../../client/index.ts";

/** A lease that is kept alive for as long as the process works. */
export interface LeaseSession {
  readonly id: bigint;
  /** Settles when the lease is gone, or has to be taken for gone. */
  readonly lost: Promise<void>;
}

export async function openLeaseSession(
  client: Client,
  ttlSeconds: number,
  dialTimeoutMs: number | undefined,
): Promise<LeaseSession> {
  const request = { TTL: ttlSeconds };
  const { ID } = await client.call(LeaseService.leaseGrant, request, { repeatable: true });
  return { id: ID, lost: renew(client, ID, dialTimeoutMs) };
}

async function renew(client: Client, id: bigint, dialTimeoutMs: number | undefined) {
  for await (const _ of leaseKeepAlives(client, id, dialTimeoutMs));
}
