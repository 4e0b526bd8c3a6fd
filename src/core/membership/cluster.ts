// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import type { Backend } from "../backend/index.ts";
import { decodeMember, encodeMember, formatId, type Member } from "./member.ts";

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();
const CLUSTER_VERSION_KEY = textEncoder.encode("clusterVersion");
const DOWNGRADE_KEY = textEncoder.encode("downgrade");

/** What a conf change may be refused for (formats-apply I.9). */
export type MembershipRefusal =
  | "idRemoved"
  | "idExists"
  | "peerUrlExists"
  | "idNotFound"
  | "memberNotLearner";

/**
 * Who belongs to the cluster, kept in the buckets `members`, `members_removed` and `cluster`
 * and mirrored in memory. Only apply changes it.
 */
export class ClusterMembership {
  readonly #backend: Backend;
  readonly #members = new Map<bigint, Member>();
  readonly #removed = new Set<bigint>();
  #clusterVersion: string | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
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

  /** What forbids adding this member, if anything. */
  checkAdd(member: Member): MembershipRefusal | undefined {
    if (this.#removed.has(member.id)) return "idRemoved";
    if (this.#members.has(member.id)) return "idExists";
    const taken = new Set([...this.#members.values()].flatMap((other) => other.peerUrls));
    return member.peerUrls.some((url) => taken.has(url)) ? "peerUrlExists" : undefined;
  }

  add(member: Member): void {
    this.#save(member);
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
