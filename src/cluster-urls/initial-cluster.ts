// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "../base/go-quote.ts";
import { type MemberUrl, parseMemberUrls } from "./member-urls.ts";

/** Member names with their peer URLs, each list sorted. */
export type InitialCluster = ReadonlyMap<string, readonly MemberUrl[]>;

export type InitialClusterResult =
  | { readonly ok: true; readonly members: InitialCluster }
  | { readonly ok: false; readonly error: string };

/** Whether two lists of URLs name the same places once their host names are resolved. */
export type UrlsEqual = (
  advertised: readonly MemberUrl[],
  configured: readonly MemberUrl[],
) => Promise<UrlsEqualResult>;
export type UrlsEqualResult = { readonly equal: boolean; readonly reason: string };

/** What the member that is being configured says about itself; a server's configuration does. */
export interface OwnPlace {
  readonly name: string;
  readonly initialClusterState: string;
  readonly advertisePeerUrls: readonly MemberUrl[];
}

/** Parses `name=url,name=url,…`; a name may come several times. */
export function parseInitialCluster(text: string): InitialClusterResult {
  const texts = new Map<string, string[]>();
  for (const part of text.split(",")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals);
    const url = equals < 0 ? "" : part.slice(equals + 1);
    texts.set(name, [...(texts.get(name) ?? []), url]);
  }
  const members = new Map<string, readonly MemberUrl[]>();
  for (const [name, urls] of texts) {
    const parsed = parseMemberUrls(urls);
    if (!parsed.ok)
      return { ok: false, error: `error setting up initial cluster: ${parsed.error}` };
    members.set(name, parsed.urls);
  }
  return { ok: true, members };
}

/** The cluster as etcd prints it: `name=url` pairs, sorted. */
export function formatInitialCluster(members: InitialCluster): string {
  const pairs = [...members].flatMap(([name, urls]) => urls.map((url) => `${name}=${url.text}`));
  return pairs.sort().join(",");
}

/**
 * What etcd demands before a member without a log founds a cluster: its own name is listed, with
 * the peer URLs it announces, and no URL stands twice. Answers etcd's text, undefined when fine.
 * Not asked for a member that has a log, nor (but for the name and duplicates) for a joining one.
 */
export async function checkInitialCluster(
  config: OwnPlace,
  members: InitialCluster,
  urlsEqual: UrlsEqual = compareTexts,
): Promise<string | undefined> {
  const own = members.get(config.name);
  if (own === undefined) {
    return `couldn't find local name ${goQuote(config.name)} in the initial cluster configuration`;
  }
  if (config.initialClusterState === "new") {
    const { equal, reason } = await urlsEqual(config.advertisePeerUrls, own);
    if (!equal) return describeDifference(config, own, reason);
  }
  const all = [...members.values()].flat().map((url) => url.text);
  if (new Set(all).size === all.length) return undefined;
  return `initial cluster ${formatInitialCluster(members)} has duplicate url`;
}

function describeDifference(
  config: OwnPlace,
  own: readonly MemberUrl[],
  reason: string,
): string | undefined {
  const configured = new Set(own.map((url) => url.text));
  const advertised = new Set(config.advertisePeerUrls.map((url) => url.text));
  const advertisedList = [...advertised].sort().join(",");
  const unannounced = [...configured].filter((text) => !advertised.has(text));
  if (unannounced.length > 0) {
    const pairs = unannounced.map((text) => `${config.name}=${text}`).join(",");
    const place = `--initial-advertise-peer-urls=${advertisedList}`;
    return `--initial-cluster has ${pairs} but missing from ${place} (${reason})`;
  }
  const cluster = formatInitialCluster(new Map([[config.name, config.advertisePeerUrls]]));
  const unlisted = [...advertised].filter((text) => !configured.has(text));
  if (unlisted.length > 0) {
    const has = `--initial-advertise-peer-urls has ${unlisted.join(",")}`;
    return `${has} but missing from --initial-cluster=${cluster}`;
  }
  return `failed to resolve ${advertisedList} to match --initial-cluster=${cluster} (${reason})`;
}

/** Compares without resolving: enough where hosts are addresses or spelled the same. */
async function compareTexts(
  advertised: readonly MemberUrl[],
  configured: readonly MemberUrl[],
): Promise<UrlsEqualResult> {
  const left = advertised.map((url) => url.text).sort();
  const right = configured.map((url) => url.text).sort();
  if (left.length !== right.length) {
    return { equal: false, reason: `len(${goList(left)}) != len(${goList(right)})` };
  }
  const at = left.findIndex((text, index) => text !== right[index]);
  if (at < 0) return { equal: true, reason: "" };
  const pair = `${goQuote(left[at] ?? "")} != ${goQuote(right[at] ?? "")}`;
  return { equal: false, reason: `resolved urls: ${pair}` };
}

function goList(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(" ")}]`;
}
