// SPDX-License-Identifier: Apache-2.0

import type { Member } from "../../api/gen/etcdserverpb.ts";
import type { EndpointHashKv, EndpointHealth, EndpointStatus } from "./printable.ts";

/** Titles and cells of an answer that is a list. */
export interface Columns {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function healthColumns(list: readonly EndpointHealth[]): Columns {
  return {
    titles: ["endpoint", "health", "took", "error"],
    rows: list.map((item) => [item.endpoint, String(item.health), item.took, item.error]),
  };
}

export function statusColumns(list: readonly EndpointStatus[]): Columns {
  return {
    titles: [
      "endpoint",
      "ID",
      "version",
      "storage version",
      "db size",
      "in use",
      "percentage not in use",
      "quota",
      "is leader",
      "is learner",
      "raft term",
      "raft index",
      "raft applied index",
      "errors",
      "downgrade target version",
      "downgrade enabled",
    ],
    rows: list.map(statusRow),
  };
}

function statusRow({ endpoint, status }: EndpointStatus): string[] {
  const memberId = status.header?.memberId ?? 0n;
  return [
    endpoint,
    memberId.toString(16),
    status.version,
    status.storageVersion,
    formatSize(status.dbSize),
    formatSize(status.dbSizeInUse),
    unusedShare(status.dbSize, status.dbSizeInUse),
    formatSize(status.dbSizeQuota),
    String(status.leader === memberId),
    String(status.isLearner),
    String(status.raftTerm),
    String(status.raftIndex),
    String(status.raftAppliedIndex),
    status.errors.join(", "),
    status.downgradeInfo?.targetVersion ?? "",
    String(status.downgradeInfo?.enabled ?? false),
  ];
}

function unusedShare(size: number, inUse: number): string {
  // etcdctl 3.7.1 divides by zero here; an empty store has nothing unused.
  return size === 0 ? "0%" : `${100 - Math.trunc((inUse * 100) / size)}%`;
}

export function hashKvColumns(list: readonly EndpointHashKv[]): Columns {
  return {
    titles: ["endpoint", "hash", "hash_revision"],
    rows: list.map(({ endpoint, hashKv }) => [
      endpoint,
      String(hashKv.hash),
      String(hashKv.hashRevision),
    ]),
  };
}

export function memberColumns(members: readonly Member[]): Columns {
  return {
    titles: ["ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner"],
    rows: members.map((member) => [
      member.ID.toString(16),
      member.name === "" ? "unstarted" : "started",
      member.name,
      member.peerURLs.join(","),
      member.clientURLs.join(","),
      String(member.isLearner),
    ]),
  };
}

const sizeUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Bytes in decimal units, one decimal place below ten: `20 kB`, `2.1 GB`. */
export function formatSize(bytes: number): string {
  if (bytes < 10) return `${bytes} B`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3 + 1e-12), sizeUnits.length - 1);
  const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10;
  return `${value < 10 ? value.toFixed(1) : roundToEven(value)} ${sizeUnits[power]}`;
}

/** The next whole number; a half goes to the even one, as Go prints it. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 && below % 2 === 0 ? below : Math.round(value);
}
