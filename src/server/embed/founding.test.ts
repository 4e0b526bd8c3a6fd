// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { loadServerConfig, type ServerConfig } from "../config/index.ts";
import { foundingMembers } from "./founding.ts";

function configOf(...flags: string[]): ServerConfig {
  const loaded = loadServerConfig(flags, {}, () => "");
  if (loaded.kind !== "run") throw new Error(`refused: ${loaded.stderr}`);
  return loaded.config;
}

const PEER = "http://127.0.0.1:7001";
const own = [
  "--name=m1",
  `--initial-advertise-peer-urls=${PEER}`,
  `--listen-peer-urls=${PEER}`,
] as const;

test("the one member of the cluster is this one, with its peer URLs", async () => {
  const config = configOf(...own, `--initial-cluster=m1=${PEER}`);
  expect(await foundingMembers(config)).toEqual([{ name: "m1", peerUrls: [PEER] }]);
});

test.each([
  ["a cluster without this member", `--initial-cluster=m2=${PEER}`, "couldn't find local name"],
  [
    "other peer URLs than it announces",
    "--initial-cluster=m1=http://127.0.0.1:7002",
    "missing from",
  ],
])("%s is refused with etcd's text", async (_, flag, text) => {
  await expect(foundingMembers(configOf(...own, flag))).rejects.toThrow(text);
});
