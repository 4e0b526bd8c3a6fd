// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { clusterIdOf, decodeMember, encodeMember, initialMemberId } from "./index.ts";

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
