// SPDX-License-Identifier: Apache-2.0

import { isIP } from "node:net";
import { parseGoUrl } from "./go-url.ts";

/** A URL a member listens on or announces. */
export interface MemberUrl {
  readonly scheme: "http" | "https" | "unix" | "unixs";
  /** `host:port` as given, IPv6 addresses in brackets; for unix sockets whatever stood there. */
  readonly host: string;
  /** The host alone, without brackets. */
  readonly hostname: string;
  /** 0 for unix sockets. */
  readonly port: number;
  readonly path: string;
  /** The socket file of a unix URL, undefined otherwise. */
  readonly socketPath: string | undefined;
  /** The URL as etcd prints it. */
  readonly text: string;
}

export type UrlsResult =
  | { readonly ok: true; readonly urls: readonly MemberUrl[] }
  | { readonly ok: false; readonly error: string };

/** Parses URLs under etcd's rules, sorted by their text; the error has etcd's wording. */
export function parseMemberUrls(texts: readonly string[]): UrlsResult {
  const urls: MemberUrl[] = [];
  for (const text of texts) {
    const parsed = parseMemberUrl(text.trim());
    if (typeof parsed === "string") return { ok: false, error: parsed };
    urls.push(parsed);
  }
  urls.sort((a, b) => compareText(a.text, b.text));
  return { ok: true, urls };
}

function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function parseMemberUrl(text: string): MemberUrl | string {
  const parsed = parseGoUrl(text);
  if (!parsed.ok) return parsed.error;
  const { scheme, host, path } = parsed.url;
  switch (scheme) {
    case "http":
    case "https": {
      const split = splitHostPort(host);
      if (!split.ok) return `URL address does not have the form "host:port": ${text}`;
      if (path !== "") return `URL must not contain a path: ${text}`;
      const { hostname, port } = split;
      return { scheme, host, hostname, port, path, socketPath: undefined, text: parsed.url.text };
    }
    case "unix":
    case "unixs": {
      const socketPath = host + path;
      return { scheme, host, hostname: "", port: 0, path, socketPath, text: parsed.url.text };
    }
    default:
      return `URL scheme must be http, https, unix, or unixs: ${text}`;
  }
}

export type HostPort =
  | { readonly ok: true; readonly hostname: string; readonly port: number }
  | { readonly ok: false; readonly error: string };

/** Splits `host:port` as Go's `net.SplitHostPort` does, with its error texts. */
export function splitHostPort(address: string): HostPort {
  const refuse = (reason: string): HostPort => ({
    ok: false,
    error: `address ${address}: ${reason}`,
  });
  const colon = address.lastIndexOf(":");
  if (colon < 0) return refuse("missing port in address");
  const portText = address.slice(colon + 1);
  if (address.startsWith("[")) {
    const end = address.indexOf("]");
    if (end < 0) return refuse("missing ']' in address");
    if (end + 1 === address.length) return refuse("missing port in address");
    if (end + 1 !== colon) {
      return refuse(
        address[end + 1] === ":" ? "too many colons in address" : "missing port in address",
      );
    }
    return { ok: true, hostname: address.slice(1, end), port: Number(portText) };
  }
  const hostname = address.slice(0, colon);
  if (hostname.includes(":")) return refuse("too many colons in address");
  return { ok: true, hostname, port: Number(portText) };
}

function isUnix(url: MemberUrl): boolean {
  return url.scheme === "unix" || url.scheme === "unixs";
}

/** etcd listens on addresses only, and on `localhost`; undefined when all URLs may be bound. */
export function checkBindUrls(urls: readonly MemberUrl[]): string | undefined {
  for (const url of urls) {
    if (isUnix(url) || url.hostname === "localhost") continue;
    const address = url.hostname.includes("%") ? "" : url.hostname;
    if (isIP(address) === 0) return `expected IP in URL for binding (${url.text})`;
  }
  return undefined;
}

/** Announced URLs need a host; undefined when all have one. */
export function checkHostUrls(urls: readonly MemberUrl[]): string | undefined {
  for (const url of urls) {
    if (!isUnix(url) && url.hostname === "") return `unexpected empty host (${url.text})`;
  }
  return undefined;
}

/** The URLs as one comma list, as etcd prints them. */
export function joinUrls(urls: readonly MemberUrl[]): string {
  return urls.map((url) => url.text).join(",");
}
