// SPDX-License-Identifier: Apache-2.0

/** SHA-1 of the bytes: 20 bytes. Handed in, since engines import nothing of Node. */
export type Sha1 = (bytes: Uint8Array) => Uint8Array;

function firstEightBytes(hash: Uint8Array): bigint {
  return new DataView(hash.buffer, hash.byteOffset, 8).getBigUint64(0);
}

/** The ID of a member that a cluster starts with (formats-raft-entries G.1). */
export function initialMemberId(peerUrls: readonly string[], token: string, sha1: Sha1): bigint {
  const text = peerUrls.toSorted().join("") + token;
  return firstEightBytes(sha1(new TextEncoder().encode(text)));
}

/** The cluster's ID: a hash over its initial members' IDs, ascending. */
export function clusterIdOf(memberIds: readonly bigint[], sha1: Sha1): bigint {
  const sorted = memberIds.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const bytes = new Uint8Array(sorted.length * 8);
  const view = new DataView(bytes.buffer);
  sorted.forEach((id, index) => {
    view.setBigUint64(index * 8, id);
  });
  return firstEightBytes(sha1(bytes));
}
