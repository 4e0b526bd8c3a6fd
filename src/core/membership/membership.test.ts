// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import {
  ClusterMembership,
  clusterIdOf,
  decodeChangeContext,
  decodeMember,
  encodeChangeContext,
  encodeMember,
  initialMemberId,
  type Member,
  type MemberChange,
} from "./index.ts";

const sha1 = (bytes: Uint8Array): Uint8Array => createHash("sha1").update(bytes).digest();

test("a member row reads and writes with all digits of its ID", () => {
  const row =
    '{"id":5729237116596994506,"peerURLs":["http://127.0.0.1:31580"],"name":"s1",' +
    '"clientURLs":["http://127.0.0.1:31579"]}';
  const member = decodeMember(row);
  expect(member.id).toBe(5729237116596994506n);
  expect(encodeMember(member)).toBe(row);
});

test("a learner that has not published itself has neither name nor client URLs in its row", () => {
  const member = {
    id: 18446744073709551615n,
    peerUrls: ["http://a:2380"],
    isLearner: true,
    name: "",
    clientUrls: [],
  };
  const row = '{"id":18446744073709551615,"peerURLs":["http://a:2380"],"isLearner":true}';
  expect(encodeMember(member)).toBe(row);
  expect(decodeMember(row)).toEqual(member);
});

test("text that is no member is refused", () => {
  expect(() => decodeMember('{"name":"x"}')).toThrow(SyntaxError);
  expect(() => decodeMember("7")).toThrow(SyntaxError);
});

test("the default single member has the IDs that etcd gives it", () => {
  const id = initialMemberId(["http://localhost:2380"], "etcd-cluster", sha1);
  expect(id.toString(16)).toBe("8e9e05c52164694d");
  expect(clusterIdOf([id], sha1).toString(16)).toBe("cdf818194e3a8c32");
});

test("the order of URLs does not change a member's ID", () => {
  const one = initialMemberId(["http://b:1", "http://a:1"], "t", sha1);
  const other = initialMemberId(["http://a:1", "http://b:1"], "t", sha1);
  expect(one).toBe(other);
});

const voter = (id: bigint, url = `http://m${id}:2380`): Member => ({
  id,
  peerUrls: [url],
  isLearner: false,
  name: "",
  clientUrls: [],
});

test("a conf change is refused for what the stored membership says", () => {
  const cluster = new ClusterMembership(openMemoryBackend());
  cluster.change({ kind: "add", member: voter(1n) });
  cluster.change({ kind: "add", member: { ...voter(2n), isLearner: true } });
  cluster.change({ kind: "add", member: voter(3n) });
  cluster.change({ kind: "remove", id: 3n });
  expect(cluster.check({ kind: "add", member: voter(1n) })).toBe("idExists");
  expect(cluster.check({ kind: "add", member: voter(3n) })).toBe("idRemoved");
  expect(cluster.check({ kind: "add", member: voter(4n, "http://m1:2380") })).toBe("peerUrlExists");
  const learner = { ...voter(4n), isLearner: true };
  expect(cluster.check({ kind: "add", member: learner })).toBe("tooManyLearners");
  expect(cluster.check({ kind: "promote", id: 1n })).toBe("memberNotLearner");
  expect(cluster.check({ kind: "promote", id: 9n })).toBe("idNotFound");
  expect(cluster.check({ kind: "remove", id: 9n })).toBe("idNotFound");
  const moved = (id: bigint, url: string): MemberChange => ({
    kind: "update",
    id,
    peerUrls: [url],
  });
  expect(cluster.check(moved(9n, "http://x:1"))).toBe("idNotFound");
  expect(cluster.check(moved(2n, "http://m1:2380"))).toBe("peerUrlExists");
  expect(cluster.check(moved(2n, "http://m2:2380"))).toBe(undefined);
});

test("what conf changes made of the members is there after a restart", async () => {
  const disk = new MemoryDisk();
  const backend = openMemoryBackend(disk);
  const cluster = new ClusterMembership(backend);
  cluster.change({ kind: "add", member: voter(1n) });
  cluster.change({ kind: "add", member: { ...voter(2n), isLearner: true } });
  cluster.change({ kind: "promote", id: 2n });
  cluster.change({ kind: "update", id: 2n, peerUrls: ["http://new:2380"] });
  cluster.change({ kind: "remove", id: 1n });
  await backend.commit();
  const again = new ClusterMembership(openMemoryBackend(disk));
  expect(again.members()).toEqual([voter(2n, "http://new:2380")]);
  expect(again.isRemoved(1n)).toBe(true);
});

test.each([
  ["add", { kind: "add", member: voter(7n) }, '{"id":7,"peerURLs":["http://m7:2380"]}'],
  ["promote", { kind: "promote", id: 7n }, '{"id":7,"peerURLs":null,"isPromote":true}'],
  ["update", { kind: "update", id: 7n, peerUrls: ["u"] }, '{"id":7,"peerURLs":["u"]}'],
] as const)(
  "the context of a conf change to %s reads and writes as etcd's",
  (kind, change, text) => {
    expect(encodeChangeContext(change)).toBe(text);
    expect(decodeChangeContext(text, kind === "update")).toEqual(change);
  },
);
