// SPDX-License-Identifier: Apache-2.0

import { goJsonString, goJsonStrings } from "../../base/go-json.ts";

/** A member as the old store knows it; `core/membership` has the same shape. */
export interface SnapshotMember {
  readonly id: bigint;
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
  readonly name: string;
  /** Empty until the member has published itself. */
  readonly clientUrls: readonly string[];
}

export interface SnapshotMembership {
  readonly members: readonly SnapshotMember[];
  readonly removedIds: readonly bigint[];
  /** The cluster version, such as `3.7.0`; undefined until it is decided. */
  readonly version: string | undefined;
}

/** Slots of the store's event history; a reader crashes unless all of them are in the text. */
const HISTORY_SLOTS = 1000;
const NEVER = `"ExpireTime":"0001-01-01T00:00:00Z"`;

interface Step {
  readonly action: "create" | "set";
  readonly path: string;
  readonly value: string;
}

/** What a member of etcd would have done to a fresh store to bring this membership about. */
function stepsOf({ members, removedIds, version }: SnapshotMembership): Step[] {
  const steps: Step[] = [];
  for (const member of members.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const path = `/0/members/${member.id.toString(16)}`;
    const learner = member.isLearner ? `,"isLearner":true` : "";
    const raft = `{"peerURLs":${goJsonStrings(member.peerUrls)}${learner}}`;
    steps.push({ action: "create", path: `${path}/raftAttributes`, value: raft });
    if (member.clientUrls.length === 0) continue;
    const name = member.name === "" ? "" : `"name":${goJsonString(member.name)},`;
    const attributes = `{${name}"clientURLs":${goJsonStrings(member.clientUrls)}}`;
    steps.push({ action: "set", path: `${path}/attributes`, value: attributes });
  }
  for (const id of removedIds.toSorted((a, b) => (a < b ? -1 : 1))) {
    steps.push({ action: "create", path: `/0/removed_members/${id.toString(16)}`, value: "" });
  }
  if (version !== undefined) steps.push({ action: "set", path: "/0/version", value: version });
  return steps;
}

/** A node of the old store's tree: a file with a value, or a directory with children. */
interface Node {
  readonly path: string;
  readonly index: number;
  readonly value: string | undefined;
  readonly children: Map<string, Node>;
}

function directory(path: string, index: number): Node {
  return { path, index, value: undefined, children: new Map() };
}

function treeOf(steps: readonly Step[]): Node {
  const root = directory("/", 0);
  root.children.set("0", directory("/0", 0));
  root.children.set("1", directory("/1", 0));
  for (const [at, { path, value }] of steps.entries()) {
    const index = at + 1;
    const names = path.slice(1).split("/");
    const last = names.pop() ?? "";
    let parent = root;
    for (const name of names) {
      const parentPath = parent === root ? "" : parent.path;
      const child = parent.children.get(name) ?? directory(`${parentPath}/${name}`, index);
      parent.children.set(name, child);
      parent = child;
    }
    parent.children.set(last, { path, index, value, children: new Map() });
  }
  return root;
}

function nodeText(node: Node): string {
  const names = [...node.children.keys()].sort();
  const children = names.flatMap((name) => {
    const child = node.children.get(name);
    return child === undefined ? [] : [`${goJsonString(name)}:${nodeText(child)}`];
  });
  return (
    `{"Path":${goJsonString(node.path)},"CreatedIndex":${node.index},` +
    `"ModifiedIndex":${node.index},${NEVER},"Value":${goJsonString(node.value ?? "")},` +
    `"Children":${node.value === undefined ? `{${children.join(",")}}` : "null"}}`
  );
}

function historyText(steps: readonly Step[]): string {
  const kept = steps.slice(-HISTORY_SLOTS);
  const first = steps.length - kept.length + 1;
  const events = Array.from({ length: HISTORY_SLOTS }, (_, slot) => {
    const step = kept[slot];
    if (step === undefined) return "null";
    const index = first + slot;
    return (
      `{"action":"${step.action}","node":{"key":${goJsonString(step.path)},` +
      `"value":${goJsonString(step.value)},"modifiedIndex":${index},"createdIndex":${index}}}`
    );
  });
  return (
    `{"Queue":{"Events":[${events.join(",")}],"Size":${kept.length},"Front":0,` +
    `"Back":${kept.length % HISTORY_SLOTS},"Capacity":${HISTORY_SLOTS}},` +
    `"StartIndex":${kept.length === 0 ? 0 : first},"LastIndex":${steps.length}}`
  );
}

function statisticsText(steps: readonly Step[]): string {
  const count = (action: Step["action"]) => steps.filter((step) => step.action === action).length;
  const counters = {
    getsSuccess: 0,
    getsFail: 1,
    setsSuccess: count("set"),
    setsFail: 0,
    deleteSuccess: 0,
    deleteFail: 0,
    updateSuccess: 0,
    updateFail: 0,
    createSuccess: count("create"),
    createFail: 0,
    compareAndSwapSuccess: 0,
    compareAndSwapFail: 0,
    compareAndDeleteSuccess: 0,
    compareAndDeleteFail: 0,
    expireCount: 0,
    watchers: 0,
  };
  return JSON.stringify(counters);
}

/**
 * The membership as the dump of a version 2 store: what a snapshot carries for members of etcd
 * 3.4 to 3.6, which take their membership from nowhere else. 3.7 writes it and does not read it.
 */
export function encodeMembershipV2(membership: SnapshotMembership): Uint8Array {
  const steps = stepsOf(membership);
  return Buffer.from(
    `{"Root":${nodeText(treeOf(steps))},"WatcherHub":{"EventHistory":${historyText(steps)}},` +
      `"CurrentIndex":${steps.length},"Stats":${statisticsText(steps)},"CurrentVersion":2}`,
  );
}
