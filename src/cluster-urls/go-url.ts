// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "../base/go-quote.ts";

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
  let whole = body;
  try {
    const url = parseParts(body);
    if (fragment === undefined || fragment === "") return { ok: true, url };
    whole = raw;
    return { ok: true, url: { ...url, text: `${url.text}#${printFragment(fragment)}` } };
  } catch (error) {
    if (!(error instanceof UrlRefusal)) throw error;
    return { ok: false, error: `parse ${goQuote(whole)}: ${error.message}` };
  }
}

function parseParts(raw: string): GoUrl {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(raw)) {
    throw new UrlRefusal("net/url: invalid control character in URL");
  }
  const { scheme, rest: behindScheme } = splitScheme(raw);
  const [rest = "", query] = splitOnce(behindScheme, "?");
  const tail = query === undefined ? "" : `?${query}`;
  if (!rest.startsWith("/") && scheme !== "") {
    return { scheme, opaque: rest, host: "", path: "", text: `${scheme}:${rest}${tail}` };
  }
  if (!rest.startsWith("/") && (rest.split("/")[0] ?? "").includes(":")) {
    throw new UrlRefusal("first path segment in URL cannot contain colon");
  }
  if (!rest.startsWith("//") || (scheme === "" && rest.startsWith("///"))) {
    const prefix = scheme === "" ? "" : `${scheme}:`;
    const path = unescapePart(rest, "path");
    return { scheme, opaque: "", host: "", path, text: `${prefix}${printPath(rest, path)}${tail}` };
  }
  return parseWithAuthority(scheme, rest.slice(2), tail);
}

function parseWithAuthority(scheme: string, rest: string, tail: string): GoUrl {
  const slash = rest.indexOf("/");
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const rawPath = slash < 0 ? "" : rest.slice(slash);
  const at = authority.lastIndexOf("@");
  const user = at < 0 ? "" : authority.slice(0, at);
  const host = parseHost(scheme, at < 0 ? authority : authority.slice(at + 1));
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) {
    throw new UrlRefusal("net/url: invalid userinfo");
  }
  const path = unescapePart(rawPath, "path");
  const head = scheme === "" ? "" : `${scheme}:`;
  const slashes = host !== "" || path !== "" || at >= 0 ? "//" : "";
  const userText = at < 0 ? "" : `${user}@`;
  const text = `${head}${slashes}${userText}${printHost(host)}${printPath(rawPath, path)}${tail}`;
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

/** Characters that may not stand in a host; others below 0x80 may, as Go has it. */
const INVALID_IN_HOST = /[ \\^`{|}#%/?@]/;

/** Decodes percent escapes; the first thing that is wrong with the text is the one reported. */
function unescapePart(text: string, mode: "host" | "path"): string {
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "%") {
      const escaped = text.slice(at, at + 3);
      const allowed = mode === "path" || escaped === "%25" || /^%[89a-f]/i.test(escaped);
      if (!/^%[0-9a-f]{2}$/i.test(escaped) || !allowed) {
        throw new UrlRefusal(`invalid URL escape ${goQuote(firstBytes(text.slice(at)))}`);
      }
      at += 2;
    } else if (mode === "host" && INVALID_IN_HOST.test(character)) {
      throw new UrlRefusal(`invalid character ${goQuote(character)} in host name`);
    }
  }
  return text.includes("%") ? decodePercent(text) : text;
}

/** Go quotes three bytes of what is left, which may cut a character. */
function firstBytes(text: string): string {
  return Buffer.from(text, "utf8").subarray(0, 3).toString("utf8");
}

/** A path as Go prints it: as it came when that is a valid encoding, encoded anew otherwise. */
function printPath(raw: string, path: string): string {
  if (/^[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]%]*$/.test(raw)) return raw;
  return percentEncode(path, /[A-Za-z0-9\-_.~$&+,/:;=@]/);
}

function printFragment(raw: string): string {
  const fragment = unescapePart(raw, "path");
  if (/^[A-Za-z0-9\-_.~$&+,/:;=?@!'()*[\]%]*$/.test(raw)) return raw;
  return percentEncode(fragment, /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/);
}

function printHost(host: string): string {
  return percentEncode(host, /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/);
}

function percentEncode(text: string, plain: RegExp): string {
  let out = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const character = String.fromCharCode(byte);
    const hex = byte.toString(16).toUpperCase().padStart(2, "0");
    out += byte < 0x80 && plain.test(character) ? character : `%${hex}`;
  }
  return out;
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
