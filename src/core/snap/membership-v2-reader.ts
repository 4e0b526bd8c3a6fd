// SPDX-License-Identifier: Apache-2.0

import type { SnapshotMember, SnapshotMembership } from "./membership-v2.ts";

/** A node of the tree, as parsed: a file has no children. */
interface Node {
  readonly value: string;
  readonly children: ReadonlyMap<string, unknown>;
}

function nodeAt(node: unknown): Node {
  const fields = new Map(typeof node === "object" && node !== null ? Object.entries(node) : []);
  const value: unknown = fields.get("Value");
  const children: unknown = fields.get("Children");
  return {
    value: typeof value === "string" ? value : "",
    children: new Map(
      typeof children === "object" && children !== null ? Object.entries(children) : [],
    ),
  };
}

function descend(node: Node, names: readonly string[]): Node {
  return names.reduce((at, name) => nodeAt(at.children.get(name)), node);
}

function fieldsOf(text: string): ReadonlyMap<string, unknown> {
  const row: unknown = text === "" ? {} : JSON.parse(text);
  return new Map(typeof row === "object" && row !== null ? Object.entries(row) : []);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function memberOf(id: string, node: Node): SnapshotMember {
  const raft = fieldsOf(descend(node, ["raftAttributes"]).value);
  const published = fieldsOf(descend(node, ["attributes"]).value);
  const name = published.get("name");
  return {
    id: BigInt(`0x${id}`),
    peerUrls: strings(raft.get("peerURLs")),
    isLearner: raft.get("isLearner") === true,
    name: typeof name === "string" ? name : "",
    clientUrls: strings(published.get("clientURLs")),
  };
}

/**
 * Reads the membership out of a snapshot's dump of the version 2 store, the only place where
 * members of 3.4 and 3.5 keep it for good. Throws a `SyntaxError` on text that is no such dump.
 */
export function decodeMembershipV2(data: Uint8Array): SnapshotMembership {
  const dump: unknown = JSON.parse(new TextDecoder().decode(data));
  const root: unknown = typeof dump === "object" && dump !== null && "Root" in dump && dump.Root;
  const cluster = descend(nodeAt(root), ["0"]);
  const members = descend(cluster, ["members"]).children;
  const removed = descend(cluster, ["removed_members"]).children;
  const version = descend(cluster, ["version"]).value;
  return {
    members: [...members].map(([id, node]) => memberOf(id, nodeAt(node))),
    removedIds: [...removed.keys()].map((id) => BigInt(`0x${id}`)),
    version: version === "" ? undefined : version,
  };
}
