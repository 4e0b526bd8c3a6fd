// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  checkInitialCluster,
  formatInitialCluster,
  parseInitialCluster,
} from "../../cluster-urls/index.ts";
import { loadServerConfig } from "./load.ts";

function config(argv: readonly string[]) {
  const loaded = loadServerConfig(argv, {}, () => "");
  if (loaded.kind !== "run") throw new Error("refused");
  return loaded.config;
}

async function check(cluster: string, argv: readonly string[] = []): Promise<string | undefined> {
  const parsed = parseInitialCluster(cluster);
  if (!parsed.ok) return parsed.error;
  return checkInitialCluster(config(["--name", "a", ...argv]), parsed.members);
}

test("names may repeat and are kept with their URLs in order", () => {
  const parsed = parseInitialCluster("b=http://h:2,a=http://h:9,,b=http://h:1");
  if (!parsed.ok) throw new Error(parsed.error);
  expect(parsed.members.get("b")?.map((url) => url.port)).toEqual([1, 2]);
  expect(formatInitialCluster(parsed.members)).toBe("a=http://h:9,b=http://h:1,b=http://h:2");
});

test("a bad URL is refused with etcd's text", async () => {
  expect(await check("a")).toBe(
    "error setting up initial cluster: URL scheme must be http, https, unix, or unixs: ",
  );
});

test("a cluster that lists this member as it announces itself is fine", async () => {
  expect(await check("a=http://localhost:2380,b=http://h:1")).toBeUndefined();
});

test("a cluster without this member is refused", async () => {
  expect(await check("b=http://h:1")).toBe(
    'couldn\'t find local name "a" in the initial cluster configuration',
  );
  expect(await check("")).toBe(
    'couldn\'t find local name "a" in the initial cluster configuration',
  );
});

test("a listed URL that is not announced is refused", async () => {
  expect(await check("a=http://h:1")).toBe(
    "--initial-cluster has a=http://h:1 but missing from " +
      '--initial-advertise-peer-urls=http://localhost:2380 (resolved urls: "http://localhost:2380" != "http://h:1")',
  );
});

test("an announced URL that is not listed is refused", async () => {
  const argv = ["--initial-advertise-peer-urls", "http://h:1,http://h:2"];
  expect(await check("a=http://h:1", argv)).toBe(
    "--initial-advertise-peer-urls has http://h:2 but missing from --initial-cluster=a=http://h:1,a=http://h:2",
  );
});

test("names are compared once they are resolved", async () => {
  const parsed = parseInitialCluster("a=http://127.0.0.1:2380");
  if (!parsed.ok) throw new Error(parsed.error);
  const equal = async () => ({ equal: true, reason: "" });
  expect(await checkInitialCluster(config(["--name", "a"]), parsed.members, equal)).toBeUndefined();
});

test("a joining member need not announce what is listed", async () => {
  expect(await check("a=http://h:1", ["--initial-cluster-state", "existing"])).toBeUndefined();
});

test("a URL that stands twice is refused", async () => {
  expect(await check("a=http://localhost:2380,b=http://localhost:2380")).toBe(
    "initial cluster a=http://localhost:2380,b=http://localhost:2380 has duplicate url",
  );
});
