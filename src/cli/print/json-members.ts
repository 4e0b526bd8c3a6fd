// SPDX-License-Identifier: Apache-2.0

import type { AlarmResponse, Member, MemberListResponse } from "../../api/gen/etcdserverpb.ts";
import { headerMember } from "./json-header.ts";
import {
  type JsonMember,
  jsonList,
  jsonNumber,
  jsonObject,
  jsonString,
  jsonText,
  jsonTrue,
} from "./json-text.ts";

/** With `hex` identities are texts, and the list is there even when it is empty. */
export function memberListJson({ header, members }: MemberListResponse, hex: boolean): string {
  const list = members.map((member) => memberJson(member, hex));
  return jsonObject([
    hex && header === undefined ? '"header":null' : headerMember(header, hex),
    hex ? `"members":[${list.join(",")}]` : jsonList("members", list),
  ]);
}

function memberJson({ ID, name, peerURLs, clientURLs, isLearner }: Member, hex: boolean): string {
  return jsonObject([
    hex ? `"ID":"${ID.toString(16)}"` : jsonNumber("ID", ID),
    jsonText("name", name),
    urls("peerURLs", peerURLs),
    urls("clientURLs", clientURLs),
    jsonTrue("isLearner", isLearner),
  ]);
}

function urls(key: string, list: readonly string[]): JsonMember {
  return jsonList(key, list.map(jsonString));
}

export function alarmsJson({ header, alarms }: AlarmResponse): string {
  const list = alarms.map(({ memberID, alarm }) =>
    jsonObject([jsonNumber("memberID", memberID), jsonNumber("alarm", alarm)]),
  );
  return jsonObject([headerMember(header, false), jsonList("alarms", list)]);
}
