// SPDX-License-Identifier: Apache-2.0

import type { InitialMember } from "../../member/index.ts";
import { checkInitialCluster, parseInitialCluster, type ServerConfig } from "../config/index.ts";

/** A cluster that cannot be founded as configured; the message is etcd's where etcd has one. */
export class FoundingError extends Error {
  override readonly name = "FoundingError";
}

/** The members that the configuration names, after etcd's checks; one member only. */
export async function foundingMembers(config: ServerConfig): Promise<InitialMember[]> {
  if (config.initialClusterState === "existing") {
    throw new FoundingError(
      "etcdx: joining an existing cluster is not supported yet; " +
        "start a new one with --initial-cluster-state new",
    );
  }
  const parsed = parseInitialCluster(config.initialCluster);
  if (!parsed.ok) throw new FoundingError(parsed.error);
  const problem = await checkInitialCluster(config, parsed.members);
  if (problem !== undefined) throw new FoundingError(problem);
  if (parsed.members.size > 1) {
    throw new FoundingError(
      `etcdx: a cluster of ${parsed.members.size} members is not supported yet; ` +
        "name one member in --initial-cluster",
    );
  }
  return [...parsed.members].map(([name, urls]) => ({
    name,
    peerUrls: urls.map((url) => url.text),
  }));
}
