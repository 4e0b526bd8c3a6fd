// SPDX-License-Identifier: Apache-2.0

import type {
  AlarmMember,
  ResponseOp,
  TxnResponse,
  WatchResponse,
} from "../../api/gen/etcdserverpb.ts";
import type { Event, KeyValue } from "../../api/gen/mvccpb.ts";
import { alarmName } from "./alarm-name.ts";
import { type Columns, hashKvColumns, memberColumns, statusColumns } from "./columns.ts";
import { leaseHex } from "./lease-hex.ts";
import type { EndpointHealth, LeaseTimeToLive, Printer, PrintOptions } from "./printable.ts";

type Part = string | Uint8Array;

/** Text lines; keys and values as their bytes, or as `\xNN` for each byte. */
export function simplePrinter(options: PrintOptions): Printer {
  const simple = new SimpleOutput(options);
  return {
    get: (response) => join(simple.range(response.kvs)),
    put: (response) => join(simple.put(response.prevKv)),
    del: (response) => join(simple.del(response.deleted, response.prevKvs)),
    txn: (response) => join(simple.txn(response)),
    watch: (response) => join(simple.watch(response)),
    leaseGrant: ({ ID, TTL }) => `lease ${leaseHex(ID)} granted with TTL(${TTL}s)\n`,
    leaseRevoke: ({ id }) => `lease ${leaseHex(id)} revoked\n`,
    leaseTimeToLive: (answer) => join(timeToLive(answer)),
    leaseList: ({ leases }) =>
      [`found ${leases.length} leases`, ...leases.map(({ ID }) => leaseHex(ID)), ""].join("\n"),
    leaseKeepAlive: ({ ID, TTL }) => `lease ${leaseHex(ID)} keepalived with TTL(${TTL})\n`,
    memberList: ({ members }) => columnLines(memberColumns(members)),
    alarm: ({ alarms }) => alarms.map(alarmLine).join(""),
    moveLeader: ({ from, to }) =>
      `Leadership transferred from ${from.toString(16)} to ${to.toString(16)}\n`,
    endpointHealth: healthLines,
    endpointStatus: (list) => columnLines(statusColumns(list)),
    endpointHashKv: (list) => columnLines(hashKvColumns(list)),
  };
}

class SimpleOutput {
  readonly #options: PrintOptions;

  constructor(options: PrintOptions) {
    this.#options = options;
  }

  range(kvs: readonly KeyValue[]): Part[] {
    return kvs.flatMap((kv) =>
      this.#options.valueOnly ? [this.#text(kv.value), "\n"] : this.#pair(kv),
    );
  }

  put(prevKv: KeyValue | undefined): Part[] {
    return ["OK\n", ...(prevKv === undefined ? [] : this.#pair(prevKv))];
  }

  del(deleted: number, prevKvs: readonly KeyValue[]): Part[] {
    return [`${deleted}\n`, ...prevKvs.flatMap((kv) => this.#pair(kv))];
  }

  txn(response: TxnResponse): Part[] {
    const parts: Part[] = [response.succeeded ? "SUCCESS\n" : "FAILURE\n"];
    for (const operation of response.responses) parts.push("\n", ...this.#operation(operation));
    return parts;
  }

  #operation(operation: ResponseOp): Part[] {
    const { responseRange, responsePut, responseDeleteRange } = operation;
    if (responsePut !== undefined) return this.put(responsePut.prevKv);
    if (responseRange !== undefined) return this.range(responseRange.kvs);
    if (responseDeleteRange !== undefined) {
      return this.del(responseDeleteRange.deleted, responseDeleteRange.prevKvs);
    }
    return ["unexpected response\n"];
  }

  watch(response: WatchResponse): Part[] {
    return response.events.flatMap((event) => this.#event(event));
  }

  #event(event: Event): Part[] {
    const name = event.type === 1 ? "DELETE\n" : "PUT\n";
    const previous = event.prevKv === undefined ? [] : this.#pair(event.prevKv);
    return [name, ...previous, ...(event.kv === undefined ? [] : this.#pair(event.kv))];
  }

  #pair(kv: KeyValue): Part[] {
    return [this.#text(kv.key), "\n", this.#text(kv.value), "\n"];
  }

  #text(bytes: Uint8Array): Part {
    if (!this.#options.hex) return bytes;
    return Buffer.from(bytes).toString("hex").replace(/../g, "\\x$&");
  }
}

function timeToLive({ response, keys }: LeaseTimeToLive): Part[] {
  const { ID, TTL, grantedTTL } = response;
  if (grantedTTL === 0 && TTL === -1) return [`lease ${leaseHex(ID)} already expired\n`];
  const line = `lease ${leaseHex(ID)} granted with TTL(${grantedTTL}s), remaining(${TTL}s)`;
  if (!keys) return [line, "\n"];
  const list = response.keys.flatMap((key, index) => (index === 0 ? [key] : [" ", key]));
  return [line, ", attached keys([", ...list, "])\n"];
}

/** Go's text form of the message, which leaves zero out and sets two blanks or, in some builds, one. */
function alarmLine({ memberID, alarm }: AlarmMember): string {
  const member = memberID === 0n ? [] : [`memberID:${memberID}`];
  return `${[...member, ...(alarm === 0 ? [] : [`alarm:${alarmName(alarm)}`])].join("  ")}\n`;
}

function join(parts: readonly Part[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}

/** Healthy endpoints only: the unhealthy ones belong on the error output. */
function healthLines(list: readonly EndpointHealth[]): string {
  return list
    .filter((item) => item.error === "")
    .map((item) => healthLine(item))
    .join("");
}

/** The line of one endpoint, for either output. */
export function healthLine(item: EndpointHealth): string {
  return item.error === ""
    ? `${item.endpoint} is healthy: successfully committed proposal: took = ${item.took}\n`
    : `${item.endpoint} is unhealthy: failed to commit proposal: ${item.error}\n`;
}

function columnLines(columns: Columns): string {
  return columns.rows.map((row) => `${row.join(", ")}\n`).join("");
}
