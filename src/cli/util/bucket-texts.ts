// SPDX-License-Identifier: Apache-2.0
//
// Rows of a database as text, in the forms of etcd's own tool for developers.

import { type Permission, Role, User } from "../../api/gen/authpb.ts";
import { Lease } from "../../api/gen/leasepb.ts";
import { KeyValue } from "../../api/gen/mvccpb.ts";
import { goQuote, goQuoteBytes } from "../../base/go-quote.ts";

type RowText = (key: Uint8Array, value: Uint8Array) => string;

const REVISION_BYTES = 17;
const TOMBSTONE_BYTES = 18;
const utf8 = new TextDecoder();

export function plainRow(key: Uint8Array, value: Uint8Array): string {
  return `key=${goQuoteBytes(key)}, value=${goQuoteBytes(value)}`;
}

/** How rows of a bucket are told when they are decoded; others, and those that are odd, are not. */
export function decodedRow(bucket: string): RowText {
  const decode = decoders.get(bucket);
  if (decode === undefined) return plainRow;
  return (key, value) => {
    try {
      return decode(key, value);
    } catch {
      // Whatever does not decode is shown as it is: this is a tool to look into such files.
      return plainRow(key, value);
    }
  };
}

const decoders: ReadonlyMap<string, RowText> = new Map([
  ["key", keyRow],
  ["lease", leaseRow],
  ["auth", authRow],
  ["authRoles", roleRow],
  ["authUsers", userRow],
  ["meta", metaRow],
]);

function bigEndian(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at);
}

function revision(key: Uint8Array): { readonly main: bigint; readonly sub: bigint } {
  if (key.length !== REVISION_BYTES && key.length !== TOMBSTONE_BYTES) {
    throw new RangeError(`a revision of ${key.length} bytes`);
  }
  return { main: bigEndian(key, 0), sub: bigEndian(key, 9) };
}

function keyRow(key: Uint8Array, value: Uint8Array): string {
  const { main, sub } = revision(key);
  const pair = KeyValue.decode(value);
  const parts = [
    `key ${goQuoteBytes(pair.key)}`,
    `val ${goQuoteBytes(pair.value)}`,
    `created ${pair.createRevision}`,
    `mod ${pair.modRevision}`,
    `ver ${pair.version}`,
  ];
  const isTombstone = key.length === TOMBSTONE_BYTES;
  const where = `{Revision:{Main:${main} Sub:${sub}} tombstone:${isTombstone}}`;
  return `rev=${where}, value=[${parts.join(" | ")}]`;
}

function leaseRow(_: Uint8Array, value: Uint8Array): string {
  const lease = Lease.decode(value);
  const id = BigInt.asUintN(64, lease.ID).toString(16).padStart(16, "0");
  return `lease ID=${id}, TTL=${lease.TTL}s, remaining TTL=${lease.RemainingTTL}s`;
}

function authRow(key: Uint8Array, value: Uint8Array): string {
  const name = utf8.decode(key);
  if (name === "authRevision") return `key="authRevision", value=${bigEndian(value, 0)}`;
  if (name === "authEnabled") return `key="authEnabled", value=[${[...value].join(" ")}]`;
  return plainRow(key, value);
}

const PERMISSION_TYPES = ["READ", "WRITE", "READWRITE"] as const;

function permission({ permType, key, rangeEnd }: Permission): string {
  return [
    permType === 0 ? [] : [`permType:${PERMISSION_TYPES[permType] ?? permType}`],
    key.length === 0 ? [] : [`key:${goQuoteBytes(key)}`],
    rangeEnd.length === 0 ? [] : [`range_end:${goQuoteBytes(rangeEnd)}`],
  ]
    .flat()
    .join(" ");
}

function roleRow(_: Uint8Array, value: Uint8Array): string {
  const role = Role.decode(value);
  const permissions = role.keyPermission.map(permission).join(" ");
  return `role=${goQuoteBytes(role.name)}, keyPermission=[${permissions}]`;
}

function userRow(_: Uint8Array, value: Uint8Array): string {
  const user = User.decode(value);
  const roles = user.roles.map((role) => goQuote(role)).join(" ");
  const option = user.options?.noPassword === true ? "no_password:true" : "";
  return `user=${goQuoteBytes(user.name)}, roles=[${roles}], option=${option}`;
}

function metaRow(key: Uint8Array, value: Uint8Array): string {
  const name = utf8.decode(key);
  switch (name) {
    case "consistent_index":
    case "term":
      return `key=${goQuote(name)}, value=${bigEndian(value, 0)}`;
    case "scheduledCompactRev":
    case "finishedCompactRev": {
      const { main, sub } = revision(value);
      return `key=${goQuote(name)}, value={${main} ${sub}}`;
    }
    default:
      return plainRow(key, value);
  }
}
