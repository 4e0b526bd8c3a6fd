// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "./go-quote.ts";

/** The parts of a URL as Go's `net/url` splits them, as far as etcd looks at them. */
export interface GoUrl {
  readonly scheme: string;
  /** Set instead of everything behind it when the scheme is not followed by a slash. */
  readonly opaque: string;
  /** `host:port`, IPv6 addresses in brackets. */
  readonly host: string;
  readonly path: string;
  /** What Go prints for this URL: comparing and sorting go by it. */
  readonly text: string;
}

export type GoUrlResult =
  | { readonly ok: true; readonly url: GoUrl }
  | { readonly ok: false; readonly error: string };

/** Thrown inside this file only; turned into a result at the door. */
class UrlRefusal extends Error {}

/** Splits a URL as Go does; the error carries Go's text, `parse "x": reason`. */
export function parseGoUrl(raw: string): GoUrlResult {
  const [body = "", fragment] = splitOnce(raw, "#");
  try {
    return { ok: true, url: parseParts(body, fragment ?? "") };
  } catch (error) {
    if (!(error instanceof UrlRefusal)) throw error;
    return { ok: false, error: `parse ${goQuote(body)}: ${error.message}` };
  }
}

function parseParts(raw: string, fragment: string): GoUrl {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(raw)) {
    throw new UrlRefusal("net/url: invalid control character in URL");
  }
  const { scheme, rest: behindScheme } = splitScheme(raw);
  const [rest = "", query] = splitOnce(behindScheme, "?");
  const tail = (query === undefined ? "" : `?${query}`) + (fragment === "" ? "" : `#${fragment}`);
  if (!rest.startsWith("/") && scheme !== "") {
    return { scheme, opaque: rest, host: "", path: "", text: `${scheme}:${rest}${tail}` };
  }
  if (!rest.startsWith("/") && (rest.split("/")[0] ?? "").includes(":")) {
    throw new UrlRefusal("first path segment in URL cannot contain colon");
  }
  if (!rest.startsWith("//")) {
    const prefix = scheme === "" ? "" : `${scheme}:`;
    const path = unescapePart(rest, "path");
    return { scheme, opaque: "", host: "", path, text: `${prefix}${rest}${tail}` };
  }
  return parseWithAuthority(scheme, rest.slice(2), tail);
}

function parseWithAuthority(scheme: string, rest: string, tail: string): GoUrl {
  const slash = rest.indexOf("/");
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const rawPath = slash < 0 ? "" : rest.slice(slash);
  const at = authority.lastIndexOf("@");
  const user = at < 0 ? "" : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) {
    throw new UrlRefusal("net/url: invalid userinfo");
  }
  const host = parseHost(scheme, at < 0 ? authority : authority.slice(at + 1));
  const path = unescapePart(rawPath, "path");
  const head = scheme === "" ? "" : `${scheme}:`;
  const slashes = host !== "" || path !== "" || at >= 0 ? "//" : "";
  const userText = at < 0 ? "" : `${user}@`;
  const text = `${head}${slashes}${userText}${host}${rawPath}${tail}`;
  return { scheme, opaque: "", host, path, text };
}

function splitScheme(raw: string): { scheme: string; rest: string } {
  if (raw.startsWith(":")) throw new UrlRefusal("missing protocol scheme");
  const match = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(raw);
  if (match === null) return { scheme: "", rest: raw };
  const [whole, scheme = ""] = match;
  return { scheme: scheme.toLowerCase(), rest: raw.slice(whole.length) };
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf("[");
  if (open > 0) throw new UrlRefusal("invalid IP-literal");
  if (open === 0) return parseBracketedHost(host);
  const first = host.indexOf(":");
  if (first >= 0) {
    // Go 1.26 lets several colons stand only for schemes other than http and https.
    const strict = scheme === "http" || scheme === "https";
    checkPort(host.slice(strict ? first : host.lastIndexOf(":")));
  }
  return unescapePart(host, "host");
}

function parseBracketedHost(host: string): string {
  const close = host.lastIndexOf("]");
  if (close < 0) throw new UrlRefusal("missing ']' in host");
  checkPort(host.slice(close + 1));
  const name = host.slice(1, close).replace("%25", "%");
  const address = name.split("%")[0] ?? "";
  if (!/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(address)) {
    throw new UrlRefusal(
      address.includes(".")
        ? "invalid IP-literal"
        : `invalid host: ParseAddr(${goQuote(name)}): unable to parse IP`,
    );
  }
  return `[${name}]${host.slice(close + 1)}`;
}

function checkPort(colonPort: string): void {
  if (!/^(:[0-9]*)?$/.test(colonPort)) {
    throw new UrlRefusal(`invalid port ${goQuote(colonPort)} after host`);
  }
}

function unescapePart(text: string, mode: "host" | "path"): string {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text);
  if (bad !== null) throw new UrlRefusal(`invalid URL escape ${goQuote(bad[0])}`);
  if (mode === "host") {
    const escaped = /%[0-7][0-9a-fA-F]/.exec(text);
    if (escaped !== null && escaped[0] !== "%25") {
      throw new UrlRefusal(`invalid URL escape ${goQuote(escaped[0])}`);
    }
    const invalid = /[ "\\^`{|}#]/.exec(text);
    if (invalid !== null)
      throw new UrlRefusal(`invalid character ${goQuote(invalid[0])} in host name`);
  }
  return text.includes("%") ? decodePercent(text) : text;
}

function decodePercent(text: string): string {
  const bytes = Buffer.from(
    text.replace(/%([0-9a-fA-F]{2})|[^%]+/g, (part, hex: string | undefined) =>
      hex === undefined
        ? Buffer.from(part, "utf8").toString("latin1")
        : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    "latin1",
  );
  return bytes.toString("utf8");
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
