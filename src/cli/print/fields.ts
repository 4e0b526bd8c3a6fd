// SPDX-License-Identifier: Apache-2.0

import type {
  AlarmResponse,
  DeleteRangeResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseStatus,
  LeaseTimeToLiveResponse,
  MemberListResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  ResponseOp,
  TxnResponse,
  WatchResponse,
} from "../../api/gen/etcdserverpb.ts";
import type { KeyValue } from "../../api/gen/mvccpb.ts";
import { goQuote, goQuoteBytes } from "../../base/go-quote.ts";
import { alarmName } from "./alarm-name.ts";
import { leaseHex } from "./lease-hex.ts";
import type {
  EndpointHashKv,
  EndpointHealth,
  EndpointStatus,
  LeaseTimeToLive,
  Printer,
  PrintOptions,
} from "./printable.ts";

/** `"Name" : value` lines. */
export function fieldsPrinter(options: PrintOptions): Printer {
  const fields = new FieldsOutput(options.hex);
  return {
    get: (response) => fields.range(response),
    put: (response) => fields.put(response),
    del: (response) => fields.del(response),
    txn: (response) => fields.txn(response),
    watch: (response) => fields.watch(response),
    leaseGrant: (response) => fields.lease(response),
    leaseRevoke: ({ header }) => fields.header(header),
    leaseTimeToLive: (answer) => fields.timeToLive(answer),
    leaseList: ({ header, leases }) => fields.leases(header, leases),
    leaseKeepAlive: (response) => fields.lease(response),
    memberList: (response) => fields.members(response),
    alarm: (response) => fields.alarms(response),
    endpointHealth: (list) => list.map(healthFields).join(""),
    endpointStatus: (list) => list.map((item) => fields.status(item)).join(""),
    endpointHashKv: (list) => list.map((item) => fields.hashKv(item)).join(""),
  };
}

function line(name: string, value: string | number | bigint | boolean): string {
  return `"${name}" : ${value}\n`;
}

type AboutLease = LeaseGrantResponse | LeaseKeepAliveResponse | LeaseTimeToLiveResponse;

class FieldsOutput {
  readonly #hex: boolean;

  constructor(hex: boolean) {
    this.#hex = hex;
  }

  header(header: ResponseHeader | undefined): string {
    const revision = header?.revision ?? 0;
    return [
      line("ClusterID", this.#id(header?.clusterId ?? 0n)),
      line("MemberID", this.#id(header?.memberId ?? 0n)),
      revision > 0 ? line("Revision", revision) : "",
      line("RaftTerm", header?.raftTerm ?? 0),
    ].join("");
  }

  #id(id: bigint): string {
    return id.toString(this.#hex ? 16 : 10);
  }

  #lease(lease: bigint): string {
    return this.#hex ? leaseHex(lease) : lease.toString();
  }

  #pair(prefix: string, kv: KeyValue): string {
    return [
      line(`${prefix}Key`, goQuoteBytes(kv.key)),
      line(`${prefix}CreateRevision`, kv.createRevision),
      line(`${prefix}ModRevision`, kv.modRevision),
      line(`${prefix}Version`, kv.version),
      line(`${prefix}Value`, goQuoteBytes(kv.value)),
      line(`${prefix}Lease`, this.#lease(kv.lease)),
    ].join("");
  }

  range(response: RangeResponse): string {
    return [
      this.header(response.header),
      ...response.kvs.map((kv) => this.#pair("", kv)),
      line("More", response.more),
      line("Count", response.count),
    ].join("");
  }

  put(response: PutResponse): string {
    const { prevKv } = response;
    return this.header(response.header) + (prevKv === undefined ? "" : this.#pair("Prev", prevKv));
  }

  del(response: DeleteRangeResponse): string {
    return [
      this.header(response.header),
      line("Deleted", response.deleted),
      ...response.prevKvs.map((kv) => this.#pair("Prev", kv)),
    ].join("");
  }

  txn(response: TxnResponse): string {
    return [
      this.header(response.header),
      line("Succeeded", response.succeeded),
      ...response.responses.map((operation) => this.#operation(operation)),
    ].join("");
  }

  #operation(operation: ResponseOp): string {
    const { responseRange, responsePut, responseDeleteRange } = operation;
    if (responsePut !== undefined) return this.put(responsePut);
    if (responseRange !== undefined) return this.range(responseRange);
    if (responseDeleteRange !== undefined) return this.del(responseDeleteRange);
    return '"Unknown" : unexpected response\n';
  }

  watch(response: WatchResponse): string {
    const events = response.events.map((event) =>
      [
        line("Type", event.type === 1 ? "DELETE" : "PUT"),
        event.prevKv === undefined ? "" : this.#pair("Prev", event.prevKv),
        event.kv === undefined ? "" : this.#pair("", event.kv),
      ].join(""),
    );
    return this.header(response.header) + events.join("");
  }

  /** A lease that was granted or renewed. */
  lease({ header, ID, TTL }: AboutLease): string {
    return this.header(header) + line("ID", this.#lease(ID)) + line("TTL", TTL);
  }

  timeToLive({ response }: LeaseTimeToLive): string {
    return [
      this.lease(response),
      line("GrantedTTL", response.grantedTTL),
      ...response.keys.map((key) => line("Key", goQuoteBytes(key))),
    ].join("");
  }

  leases(header: ResponseHeader | undefined, leases: readonly LeaseStatus[]): string {
    return this.header(header) + leases.map(({ ID }) => line("ID", this.#lease(ID))).join("");
  }

  members({ header, members }: MemberListResponse): string {
    const blocks = members.map((member) =>
      [
        line("ID", this.#id(member.ID)),
        line("Name", goQuote(member.name)),
        ...member.peerURLs.map((url) => line("PeerURL", goQuote(url))),
        ...member.clientURLs.map((url) => line("ClientURL", goQuote(url))),
        line("IsLearner", member.isLearner),
        "\n",
      ].join(""),
    );
    return this.header(header) + blocks.join("");
  }

  alarms({ header, alarms }: AlarmResponse): string {
    const blocks = alarms.map(({ memberID, alarm }) =>
      [line("MemberID", this.#id(memberID)), line("AlarmType", alarmName(alarm)), "\n"].join(""),
    );
    return this.header(header) + blocks.join("");
  }

  status({ endpoint, status }: EndpointStatus): string {
    return [
      this.header(status.header),
      line("Version", goQuote(status.version)),
      line("StorageVersion", goQuote(status.storageVersion)),
      line("DBSize", status.dbSize),
      line("DBSizeInUse", status.dbSizeInUse),
      line("DBSizeQuota", status.dbSizeQuota),
      line("Leader", status.leader),
      line("IsLearner", status.isLearner),
      line("RaftIndex", status.raftIndex),
      line("RaftTerm", status.raftTerm),
      line("RaftAppliedIndex", status.raftAppliedIndex),
      line("Errors", `[${status.errors.join(" ")}]`),
      line("Endpoint", goQuote(endpoint)),
      line("DowngradeTargetVersion", goQuote(status.downgradeInfo?.targetVersion ?? "")),
      line("DowngradeEnabled", status.downgradeInfo?.enabled ?? false),
      "\n",
    ].join("");
  }

  hashKv({ endpoint, hashKv }: EndpointHashKv): string {
    return [
      this.header(hashKv.header),
      line("Endpoint", goQuote(endpoint)),
      line("Hash", hashKv.hash),
      line("HashRevision", hashKv.hashRevision),
      "\n",
    ].join("");
  }
}

function healthFields(item: EndpointHealth): string {
  return [
    line("Endpoint", goQuote(item.endpoint)),
    line("Health", item.health),
    line("Took", item.took),
    line("Error", item.error),
    "\n",
  ].join("");
}
