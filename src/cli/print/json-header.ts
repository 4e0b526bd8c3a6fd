// SPDX-License-Identifier: Apache-2.0

import type { ResponseHeader } from "../../api/gen/etcdserverpb.ts";
import { type JsonMember, jsonNumber, jsonObject } from "./json-text.ts";

/** `"header":{...}`, left out when there is none. */
export function headerMember(value: ResponseHeader | undefined, hex = false): JsonMember {
  return value === undefined ? undefined : `"header":${headerObject(value, hex)}`;
}

export function headerObject(value: ResponseHeader, hex = false): string {
  return jsonObject(hex ? hexMembers(value) : headerMembers(value));
}

export function headerMembers(value: ResponseHeader): JsonMember[] {
  return [
    jsonNumber("cluster_id", value.clusterId),
    jsonNumber("member_id", value.memberId),
    jsonNumber("revision", value.revision),
    jsonNumber("raft_term", value.raftTerm),
  ];
}

/** Identities as texts in hexadecimal, which are there even when they are zero. */
function hexMembers(value: ResponseHeader): JsonMember[] {
  return [
    `"cluster_id":"${value.clusterId.toString(16)}"`,
    `"member_id":"${value.memberId.toString(16)}"`,
    jsonNumber("revision", value.revision),
    jsonNumber("raft_term", value.raftTerm),
  ];
}
