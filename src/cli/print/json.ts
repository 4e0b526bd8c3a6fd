// SPDX-License-Identifier: Apache-2.0

import type {
  DeleteRangeResponse,
  HashKVResponse,
  LeaseStatus,
  LeaseTimeToLiveResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  ResponseOp,
  StatusResponse,
  TxnResponse,
  WatchResponse,
} from "../../api/gen/etcdserverpb.ts";
import type { Event, KeyValue } from "../../api/gen/mvccpb.ts";
import { headerMember, headerMembers, headerObject } from "./json-header.ts";
import { alarmsJson, memberListJson } from "./json-members.ts";
import {
  type JsonMember,
  jsonBytes,
  jsonList,
  jsonNumber,
  jsonObject,
  jsonString,
  jsonText,
  jsonTrue,
} from "./json-text.ts";
import type { EndpointHealth, Printer, PrintOptions } from "./printable.ts";

/**
 * One compact line per answer: names of the wire format, numbers bare, bytes in base64;
 * `hex` concerns members alone.
 */
export function jsonPrinter({ hex }: PrintOptions): Printer {
  return {
    get: (response) => `${range(response)}\n`,
    put: (response) => `${put(response)}\n`,
    del: (response) => `${del(response)}\n`,
    txn: (response) => `${txn(response)}\n`,
    watch: (response) => `${watch(response)}\n`,
    leaseGrant: ({ header, ID, TTL, error }) =>
      flat(header, [`"ID":${ID}`, `"TTL":${TTL}`, `"Error":${jsonString(error)}`]),
    leaseRevoke: (answer) => `${jsonObject([headerMember(answer.header)])}\n`,
    leaseTimeToLive: ({ response }) => flat(response.header, timeToLive(response)),
    leaseList: ({ header, leases }) => flat(header, [`"leases":[${leases.map(lease).join(",")}]`]),
    leaseKeepAlive: ({ header, ID, TTL }) => flat(header, [`"ID":${ID}`, `"TTL":${TTL}`]),
    memberList: (response) => `${memberListJson(response, hex)}\n`,
    alarm: (response) => `${alarmsJson(response)}\n`,
    moveLeader: ({ response }) => `${jsonObject([headerMember(response.header)])}\n`,
    endpointHealth: (list) => `[${list.map(health).join(",")}]\n`,
    endpointStatus: (list) =>
      listOrNull(list.map((item) => endpointObject(item.endpoint, "Status", status(item.status)))),
    endpointHashKv: (list) =>
      listOrNull(list.map((item) => endpointObject(item.endpoint, "HashKV", hashKv(item.hashKv)))),
  };
}

/** An answer of the client library's own type: the header's members stand among the others. */
function flat(value: ResponseHeader | undefined, members: readonly string[]): string {
  return `${jsonObject([...(value === undefined ? [] : headerMembers(value)), ...members])}\n`;
}

function timeToLive({ ID, TTL, grantedTTL, keys }: LeaseTimeToLiveResponse): string[] {
  const list = keys.length === 0 ? "null" : `[${keys.map(base64).join(",")}]`;
  return [`"id":${ID}`, `"ttl":${TTL}`, `"granted-ttl":${grantedTTL}`, `"keys":${list}`];
}

function base64(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes).toString("base64")}"`;
}

function lease({ ID }: LeaseStatus): string {
  return `{"id":${ID}}`;
}

function pair(kv: KeyValue): string {
  return jsonObject([
    jsonBytes("key", kv.key),
    jsonNumber("create_revision", kv.createRevision),
    jsonNumber("mod_revision", kv.modRevision),
    jsonNumber("version", kv.version),
    jsonBytes("value", kv.value),
    jsonNumber("lease", kv.lease),
  ]);
}

function optionalPair(key: string, kv: KeyValue | undefined): JsonMember {
  return kv === undefined ? undefined : `"${key}":${pair(kv)}`;
}

function range(response: RangeResponse): string {
  return jsonObject([
    headerMember(response.header),
    jsonList("kvs", response.kvs.map(pair)),
    jsonTrue("more", response.more),
    jsonNumber("count", response.count),
  ]);
}

function put(response: PutResponse): string {
  return jsonObject([headerMember(response.header), optionalPair("prev_kv", response.prevKv)]);
}

function del(response: DeleteRangeResponse): string {
  return jsonObject([
    headerMember(response.header),
    jsonNumber("deleted", response.deleted),
    jsonList("prev_kvs", response.prevKvs.map(pair)),
  ]);
}

function txn(response: TxnResponse): string {
  return jsonObject([
    headerMember(response.header),
    jsonTrue("succeeded", response.succeeded),
    jsonList("responses", response.responses.map(operation)),
  ]);
}

function operation(value: ResponseOp): string {
  const { responseRange, responsePut, responseDeleteRange, responseTxn } = value;
  const member = (key: string, text: string): string => `{"Response":{"${key}":${text}}}`;
  if (responseRange !== undefined) return member("response_range", range(responseRange));
  if (responsePut !== undefined) return member("response_put", put(responsePut));
  if (responseDeleteRange !== undefined) {
    return member("response_delete_range", del(responseDeleteRange));
  }
  if (responseTxn !== undefined) return member("response_txn", txn(responseTxn));
  return '{"Response":null}';
}

// A watch answer is printed from the client library's own type, hence names in Go's spelling and
// no field left out.
function watch(response: WatchResponse): string {
  const events =
    response.events.length === 0 ? "null" : `[${response.events.map(event).join(",")}]`;
  return jsonObject([
    `"Header":${response.header === undefined ? "{}" : headerObject(response.header)}`,
    `"Events":${events}`,
    `"CompactRevision":${response.compactRevision}`,
    `"Canceled":${response.canceled}`,
    `"Created":${response.created}`,
    '"CancelReason":""',
  ]);
}

function event(value: Event): string {
  return jsonObject([
    jsonNumber("type", value.type),
    optionalPair("kv", value.kv),
    optionalPair("prev_kv", value.prevKv),
  ]);
}

function health(item: EndpointHealth): string {
  return jsonObject([
    `"endpoint":${jsonString(item.endpoint)}`,
    `"health":${item.health}`,
    `"took":${jsonString(item.took)}`,
    jsonText("error", item.error),
  ]);
}

function endpointObject(endpoint: string, key: string, value: string): string {
  return jsonObject([`"Endpoint":${jsonString(endpoint)}`, `"${key}":${value}`]);
}

function listOrNull(items: readonly string[]): string {
  return items.length === 0 ? "null\n" : `[${items.join(",")}]\n`;
}

function status(value: StatusResponse): string {
  const { downgradeInfo } = value;
  const downgrade =
    downgradeInfo === undefined
      ? undefined
      : `"downgradeInfo":${jsonObject([
          jsonTrue("enabled", downgradeInfo.enabled),
          jsonText("targetVersion", downgradeInfo.targetVersion),
        ])}`;
  return jsonObject([
    headerMember(value.header),
    jsonText("version", value.version),
    jsonNumber("dbSize", value.dbSize),
    jsonNumber("leader", value.leader),
    jsonNumber("raftIndex", value.raftIndex),
    jsonNumber("raftTerm", value.raftTerm),
    jsonNumber("raftAppliedIndex", value.raftAppliedIndex),
    jsonList("errors", value.errors.map(jsonString)),
    jsonNumber("dbSizeInUse", value.dbSizeInUse),
    jsonTrue("isLearner", value.isLearner),
    jsonText("storageVersion", value.storageVersion),
    jsonNumber("dbSizeQuota", value.dbSizeQuota),
    downgrade,
  ]);
}

function hashKv(value: HashKVResponse): string {
  return jsonObject([
    headerMember(value.header),
    jsonNumber("hash", value.hash),
    jsonNumber("compact_revision", value.compactRevision),
    jsonNumber("hash_revision", value.hashRevision),
  ]);
}
