// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { Metadata } from "../api/gen/etcdserverpb.ts";
import {
  clusterIdOf,
  encodeMember,
  initialMemberId,
  type Member,
} from "../core/membership/index.ts";
import {
  ConfChangeType,
  type Entry,
  EntryType,
  encodeConfChange,
  encoded,
  type HardState,
  NONE,
} from "../core/raft/index.ts";

/** Who a member is: fixed for the life of its data directory, kept in the log's metadata. */
export interface Identity {
  readonly memberId: bigint;
  readonly clusterId: bigint;
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash("sha1").update(bytes).digest();
}

export function encodeMetadata(identity: Identity): Uint8Array {
  return Metadata.encode({ NodeID: identity.memberId, ClusterID: identity.clusterId });
}

export function decodeMetadata(bytes: Uint8Array): Identity {
  const { NodeID, ClusterID } = Metadata.decode(bytes);
  return { memberId: NodeID ?? 0n, clusterId: ClusterID ?? 0n };
}

export interface InitialMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
}

/** What every founding member of a cluster writes first, alike on all of them (G.7). */
export interface Founding {
  readonly identity: Identity;
  /** Ascending by ID. */
  readonly members: readonly Member[];
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

/** The first log of a new cluster: one conf change per member, ascending by ID, all committed. */
export function foundCluster(
  members: readonly InitialMember[],
  own: string,
  token: string,
): Founding {
  const identified = members
    .map(({ name, peerUrls }): Member => {
      const id = initialMemberId(peerUrls, token, sha1);
      return { id, peerUrls, isLearner: false, name, clientUrls: [] };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const memberId = identified.find((member) => member.name === own)?.id ?? NONE;
  const clusterId = clusterIdOf(
    identified.map((member) => member.id),
    sha1,
  );
  const entries = identified.map((member, position): Entry => {
    const context = new TextEncoder().encode(encodeMember(member));
    const change = { id: 0n, type: ConfChangeType.addNode, nodeId: member.id, context };
    return {
      type: EntryType.confChange,
      term: 1,
      index: position + 1,
      data: encoded(encodeConfChange, change),
    };
  });
  const hardState = { term: 1, vote: NONE, commit: entries.length };
  return { identity: { memberId, clusterId }, members: identified, hardState, entries };
}
