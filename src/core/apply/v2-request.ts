// SPDX-License-Identifier: Apache-2.0
// Requests of etcd's version 2 API as 3.4 and 3.5 have them in their logs (formats-raft-entries G.6).

import type { ClusterMemberAttrSetRequest } from "../../api/gen/membershippb.ts";
import { WireError, WireReader } from "../../base/wire-reader.ts";
import { decodeAttributes } from "../membership/index.ts";

const ATTRIBUTES_PATH = /^\/0\/members\/([0-9a-f]{1,16})\/attributes$/;
const VERSION_PATH = "/0/version";

/** What such a request means today. */
export type V2Request =
  | { readonly kind: "clusterVersionSet"; readonly version: string }
  | { readonly kind: "clusterMemberAttrSet"; readonly attributes: ClusterMemberAttrSetRequest }
  /** About keys of the version 2 API: changes nothing. */
  | { readonly kind: "v2Keys" };

/**
 * Reads a request of the version 2 API, bare as such members write it. What publishes a member or
 * sets the cluster version means the same as the requests that have replaced it. Anything else
 * was about keys of that API, which no member of 3.6 or later has: it changes nothing. Throws a
 * `WireError` on bytes that are no such request.
 */
export function decodeV2Request(data: Uint8Array): { id: bigint; request: V2Request } {
  const reader = new WireReader(data);
  let id = 0n;
  let method = "";
  let path = "";
  let value = "";
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    if (tag === 0x08) id = reader.uint64();
    else if (tag === 0x12) method = reader.string();
    else if (tag === 0x1a) path = reader.string();
    else if (tag === 0x22) value = reader.string();
    else reader.skip(tag);
  }
  if (method === "") throw new WireError("a version 2 request has a method");
  return { id, request: meaningOf(method, path, value) };
}

function meaningOf(method: string, path: string, value: string): V2Request {
  const nothing: V2Request = { kind: "v2Keys" };
  if (method !== "PUT") return nothing;
  if (path === VERSION_PATH) return { kind: "clusterVersionSet", version: value };
  const member = ATTRIBUTES_PATH.exec(path)?.[1];
  if (member === undefined) return nothing;
  const { name, clientUrls } = decodeAttributes(value);
  const memberAttributes = { name, clientUrls: [...clientUrls] };
  const memberID = BigInt(`0x${member}`);
  return { kind: "clusterMemberAttrSet", attributes: { memberID, memberAttributes } };
}
