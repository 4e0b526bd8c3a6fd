// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { decodeConfChange } from "../core/raft/index.ts";
import { decodeMetadata, encodeMetadata, foundCluster } from "./identity.ts";

const members = ["a", "b", "c"].map((name, at) => ({
  name,
  peerUrls: [`http://127.0.0.1:${2380 + at}`],
}));

test("all founding members write the same log, each under its own ID", () => {
  const logs = members.map(({ name }) => foundCluster(members, name, "token"));
  const [first] = logs;
  for (const log of logs) {
    expect(log.entries).toEqual(first?.entries);
    expect(log.hardState).toEqual({ term: 1, vote: 0n, commit: 3 });
    expect(log.identity.clusterId).toBe(first?.identity.clusterId);
  }
  expect(new Set(logs.map((log) => log.identity.memberId)).size).toBe(3);
});

test("the conf changes stand in ascending order of the members' IDs", () => {
  const { entries } = foundCluster(members, "a", "token");
  const ids = entries.map((entry) => decodeConfChange(entry.data).nodeId);
  expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
  expect(entries.map((entry) => entry.index)).toEqual([1, 2, 3]);
});

test("another token is another cluster with other members", () => {
  const [one, other] = ["x", "y"].map((token) => foundCluster(members, "a", token).identity);
  expect(one?.clusterId).not.toBe(other?.clusterId);
  expect(one?.memberId).not.toBe(other?.memberId);
});

test("the IDs are those that Go etcd gives the same flags", () => {
  // `etcd --name m1 --initial-cluster m1=http://127.0.0.1:2380` with the default token.
  const alone = [{ name: "m1", peerUrls: ["http://127.0.0.1:2380"] }];
  const { identity } = foundCluster(alone, "m1", "etcd-cluster");
  expect(identity.memberId.toString(16)).toBe("b71f75320dc06a6c");
  expect(identity.clusterId.toString(16)).toBe("1c45a069f3a1d796");
});

test("the metadata of the log reads back", () => {
  const identity = { memberId: 0xffff_ffff_ffff_fffen, clusterId: 1n };
  expect(decodeMetadata(encodeMetadata(identity))).toEqual(identity);
});
