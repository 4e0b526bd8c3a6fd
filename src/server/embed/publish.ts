// SPDX-License-Identifier: Apache-2.0

import {
  ClusterMemberAttrSetRequest,
  ClusterVersionSetRequest,
} from "../../api/gen/membershippb.ts";
import { CLUSTER_VERSION } from "../../api/versions.ts";
import type { RequestKind } from "../../core/apply/index.ts";
import type { ClusterMembership } from "../../core/membership/index.ts";
import type { Refusal, ReplicaFace } from "../replica/face.ts";

/** A proposal of the member itself that got no result. */
export class ProposalRefused extends Error {
  override readonly name = "ProposalRefused";
  readonly reason: Refusal;
  constructor(kind: RequestKind, reason: Refusal) {
    super(`${kind} was not applied: ${reason}`);
    this.reason = reason;
  }
}

function propose(replica: ReplicaFace, kind: RequestKind, message: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    replica.propose(replica.prepare(kind, message), {
      applied: () => resolve(),
      unserved: (reason) => reject(new ProposalRefused(kind, reason)),
    });
  });
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

/** Tells the cluster this member's name and client URLs, unless it knows them already. */
export async function publishAttributes(
  replica: ReplicaFace,
  membership: ClusterMembership,
  name: string,
  clientUrls: readonly string[],
): Promise<void> {
  const known = membership.member(replica.memberId);
  if (known?.name === name && sameTexts(known.clientUrls, clientUrls)) return;
  const message = ClusterMemberAttrSetRequest.encode({
    memberID: replica.memberId,
    memberAttributes: { name, clientUrls },
  });
  await propose(replica, "clusterMemberAttrSet", message);
}

/** Decides the cluster version: with one member it is that member's. */
export async function decideClusterVersion(
  replica: ReplicaFace,
  membership: ClusterMembership,
): Promise<void> {
  if (membership.clusterVersion === CLUSTER_VERSION) return;
  const message = ClusterVersionSetRequest.encode({ ver: CLUSTER_VERSION });
  await propose(replica, "clusterVersionSet", message);
}
