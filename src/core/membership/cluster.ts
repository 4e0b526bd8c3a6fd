// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import type { Backend } from "../backend/index.ts";
import type { MemberChange, MembershipRefusal } from "./change.ts";
import { decodeMember, encodeMember, formatId, type Member } from "./member.ts";

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();
const CLUSTER_VERSION_KEY = textEncoder.encode("clusterVersion");
const DOWNGRADE_KEY = textEncoder.encode("downgrade");

const REMOVED = textEncoder.encode("removed");
/** Learners of one cluster (etcd's default); one more is refused. */
const LEARNERS_MAX = 1;

/**
 * Who belongs to the cluster, kept in the buckets `members`, `members_removed` and `cluster`
 * and mirrored in memory. Only apply changes it.
 */
export class ClusterMembership {
  readonly #backend: Backend;
  readonly #learnersMax: number;
  readonly #members = new Map<bigint, Member>();
  readonly #removed = new Set<bigint>();
  #clusterVersion: string | undefined;

  /** `learnersMax` has to be the same on all members. */
  constructor(backend: Backend, learnersMax = LEARNERS_MAX) {
    this.#backend = backend;
    this.#learnersMax = learnersMax;
    backend.forEach("members", (_key, value) => {
      const member = decodeMember(textDecoder.decode(value));
      this.#members.set(member.id, member);
    });
    backend.forEach("members_removed", (key) => {
      this.#removed.add(BigInt(`0x${textDecoder.decode(key)}`));
    });
    const version = backend.get("cluster", CLUSTER_VERSION_KEY);
    if (version !== undefined) this.#clusterVersion = textDecoder.decode(version);
  }

  /** `major.minor.patch`; undefined until the leader has decided it. */
  get clusterVersion(): string | undefined {
    return this.#clusterVersion;
  }

  /** All members, ascending by ID. */
  members(): Member[] {
    return [...this.#members.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  removed(): bigint[] {
    return [...this.#removed];
  }

  member(id: bigint): Member | undefined {
    return this.#members.get(id);
  }

  /** Whether this ID belonged to a member that was removed. */
  isRemoved(id: bigint): boolean {
    return this.#removed.has(id);
  }

  /** What forbids the change, if anything (formats-apply I.9). */
  check(change: MemberChange): MembershipRefusal | undefined {
    const id = change.kind === "add" ? change.member.id : change.id;
    if (this.#removed.has(id)) return "idRemoved";
    if (change.kind === "add") return this.#checkAdd(change.member);
    const member = this.#members.get(id);
    if (member === undefined) return "idNotFound";
    if (change.kind === "promote" && !member.isLearner) return "memberNotLearner";
    if (change.kind === "update" && this.#isTaken(change.peerUrls, id)) return "peerUrlExists";
    return undefined;
  }

  #checkAdd(member: Member): MembershipRefusal | undefined {
    if (this.#members.has(member.id)) return "idExists";
    if (this.#isTaken(member.peerUrls, member.id)) return "peerUrlExists";
    if (!member.isLearner) return undefined;
    const learners = [...this.#members.values()].filter((other) => other.isLearner).length;
    return learners < this.#learnersMax ? undefined : "tooManyLearners";
  }

  #isTaken(urls: readonly string[], by: bigint): boolean {
    const others = [...this.#members.values()].filter((member) => member.id !== by);
    return others.some((member) => member.peerUrls.some((url) => urls.includes(url)));
  }

  /** Makes a change that `check` lets pass. */
  change(change: MemberChange): void {
    if (change.kind === "add") {
      this.#save(change.member);
      return;
    }
    const member = this.#members.get(change.id);
    invariant(member !== undefined, `change of the unknown member ${formatId(change.id)}`);
    if (change.kind === "remove") this.#remove(change.id);
    else if (change.kind === "promote") this.#save({ ...member, isLearner: false });
    else this.#save({ ...member, peerUrls: change.peerUrls });
  }

  /**
   * Lets the rows follow a configuration that was made by a joint change, which carries no
   * contexts: new members get a row without addresses, missing ones are removed.
   */
  follow(ids: ReadonlySet<bigint>, learners: ReadonlySet<bigint>): void {
    for (const id of [...this.#members.keys()]) if (!ids.has(id)) this.#remove(id);
    for (const id of ids) {
      const isLearner = learners.has(id);
      const member = this.#members.get(id) ?? { id, peerUrls: [], name: "", clientUrls: [] };
      this.#save({ ...member, isLearner });
    }
  }

  #remove(id: bigint): void {
    this.#members.delete(id);
    this.#backend.delete("members", textEncoder.encode(formatId(id)));
    this.rememberRemoved(id);
  }

  /** Notes that this ID may never come back, also when its member is not known here. */
  rememberRemoved(id: bigint): void {
    this.#removed.add(id);
    this.#backend.put("members_removed", textEncoder.encode(formatId(id)), REMOVED);
  }

  /** Name and client URLs that a member publishes about itself. A removed one is ignored. */
  setAttributes(id: bigint, name: string, clientUrls: readonly string[]): void {
    const member = this.#members.get(id);
    if (member === undefined) {
      invariant(this.#removed.has(id), `attributes for the unknown member ${formatId(id)}`);
      return;
    }
    this.#save({ ...member, name, clientUrls });
  }

  setClusterVersion(version: string): void {
    this.#clusterVersion = version;
    this.#backend.put("cluster", CLUSTER_VERSION_KEY, textEncoder.encode(version));
  }

  setDowngrade(enabled: boolean, target: string): void {
    const version = enabled ? target : "";
    const text = `{"target-version":${JSON.stringify(version)},"enabled":${enabled}}`;
    this.#backend.put("cluster", DOWNGRADE_KEY, textEncoder.encode(text));
  }

  #save(member: Member): void {
    this.#members.set(member.id, member);
    this.#backend.put(
      "members",
      textEncoder.encode(formatId(member.id)),
      textEncoder.encode(encodeMember(member)),
    );
  }
}
