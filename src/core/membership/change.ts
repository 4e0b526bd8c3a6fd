// SPDX-License-Identifier: Apache-2.0

import { goJsonStrings } from "../../base/go-json.ts";
import { decodeMember, encodeMember, type Member } from "./member.ts";

/** One change of who belongs to the cluster, as a conf change of the log asks for it. */
export type MemberChange =
  | { readonly kind: "add"; readonly member: Member }
  | { readonly kind: "promote"; readonly id: bigint }
  | { readonly kind: "remove"; readonly id: bigint }
  | { readonly kind: "update"; readonly id: bigint; readonly peerUrls: readonly string[] };

/** What a conf change may be refused for (formats-apply I.9). */
export type MembershipRefusal =
  | "idRemoved"
  | "idExists"
  | "peerUrlExists"
  | "tooManyLearners"
  | "idNotFound"
  | "memberNotLearner";

/** Whom the change is about. */
export function changedId(change: MemberChange): bigint {
  return change.kind === "add" ? change.member.id : change.id;
}

/** The context of the conf change (formats-raft-entries G.5); empty for a removal. */
export function encodeChangeContext(change: MemberChange): string {
  switch (change.kind) {
    case "add":
      return encodeMember(change.member);
    case "promote":
      return `{"id":${change.id},"peerURLs":null,"isPromote":true}`;
    case "update":
      return `{"id":${change.id},"peerURLs":${goJsonStrings(change.peerUrls)}}`;
    case "remove":
      return "";
  }
}

/**
 * Reads the context of a conf change that adds a member, promotes a learner or (`isUpdate`)
 * replaces peer URLs. Throws a `SyntaxError` on text that is no member.
 */
export function decodeChangeContext(context: string, isUpdate: boolean): MemberChange {
  const member = decodeMember(context);
  if (isUpdate) return { kind: "update", id: member.id, peerUrls: member.peerUrls };
  const row: unknown = JSON.parse(context);
  const isPromote = typeof row === "object" && row !== null && "isPromote" in row && row.isPromote;
  return isPromote === true ? { kind: "promote", id: member.id } : { kind: "add", member };
}
