// SPDX-License-Identifier: Apache-2.0

import { goJsonString, goJsonStrings } from "../../base/go-json.ts";

export interface Member {
  readonly id: bigint;
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
  /** Empty until the member has published itself. */
  readonly name: string;
  readonly clientUrls: readonly string[];
}

/** Identities travel in hex without leading zeros (formats.md, "Text form of a member ID"). */
export function formatId(id: bigint): string {
  return id.toString(16);
}

/** The JSON row of a member as Go writes it: fixed order, empty fields left out (E.3). */
export function encodeMember(member: Member): string {
  const parts = [`"id":${member.id}`, `"peerURLs":${goJsonStrings(member.peerUrls)}`];
  if (member.isLearner) parts.push('"isLearner":true');
  if (member.name !== "") parts.push(`"name":${goJsonString(member.name)}`);
  if (member.clientUrls.length > 0) parts.push(`"clientURLs":${goJsonStrings(member.clientUrls)}`);
  return `{${parts.join(",")}}`;
}

/** Reads a member row; the ID keeps all its digits. Throws on text that is not a member. */
export function decodeMember(text: string): Member {
  let id: bigint | undefined;
  const row: unknown = JSON.parse(text, (key, value, context?: { source?: string }) => {
    if (key === "id" && typeof value === "number" && id === undefined) {
      id = BigInt(context?.source ?? value);
    }
    return value;
  });
  if (id === undefined || typeof row !== "object" || row === null) {
    throw new SyntaxError(`not a member: ${text}`);
  }
  return { id, ...raftAttributesOf(row), ...attributesOf(row) };
}

/** What a member publishes about itself, as the version 2 store has it under `attributes`. */
export function decodeAttributes(text: string): Pick<Member, "name" | "clientUrls"> {
  return attributesOf(JSON.parse(text));
}

function raftAttributesOf(row: unknown): Pick<Member, "peerUrls" | "isLearner"> {
  const fields = fieldsOf(row);
  return {
    peerUrls: strings(fields.get("peerURLs")),
    isLearner: fields.get("isLearner") === true,
  };
}

function attributesOf(row: unknown): Pick<Member, "name" | "clientUrls"> {
  const fields = fieldsOf(row);
  const name = fields.get("name");
  const clientUrls = strings(fields.get("clientURLs"));
  return { name: typeof name === "string" ? name : "", clientUrls };
}

function fieldsOf(row: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof row === "object" && row !== null ? Object.entries(row) : []);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
