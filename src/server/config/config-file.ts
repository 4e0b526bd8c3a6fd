// SPDX-License-Identifier: Apache-2.0

import { parseAllDocuments, type Tags, type YAMLParseError } from "yaml";
import { parseMemberUrls } from "../../cluster-urls/index.ts";
import type { FlagRow } from "./flag-row.ts";
import { flagTable } from "./flag-table.ts";
import { type FlagValue, parseFlagValue } from "./flag-value.ts";

export type ConfigFileResult =
  | {
      readonly kind: "read";
      readonly values: ReadonlyMap<string, FlagValue>;
      /** The top-level keys as written: etcd warns about deprecated ones by them. */
      readonly keys: readonly string[];
    }
  /** The configuration is refused with this text. */
  | { readonly kind: "refused"; readonly error: string }
  /** A bad URL: etcd prints this text by itself and ends with exit code 1. */
  | { readonly kind: "bad-url"; readonly error: string };

type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

const goTypes: ReadonlyMap<string, string> = new Map([
  ["bool", "bool"],
  ["int", "int"],
  ["int64", "int64"],
  ["uint", "uint"],
  ["uint32", "uint32"],
  ["uint64", "uint64"],
  ["duration", "time.Duration"],
]);

/** Fields that etcd keeps as lists in the file; everything else is a plain value. */
const listKeys: ReadonlySet<string> = new Set(["log-outputs", "cipher-suites"]);
/** Fields of etcd's second, file-only structure; it shows in the error texts. */
const fileOnlyKeys: ReadonlySet<string> = new Set([
  "listen-peer-urls",
  "listen-client-urls",
  "listen-client-http-urls",
  "initial-advertise-peer-urls",
  "advertise-client-urls",
  "cors",
  "host-whitelist",
  "feature-gates",
]);
/** What etcd calls the Go structure behind the keys of a section; the longest path counts. */
const sectionTypes: readonly (readonly [path: string, type: string])[] = [
  ["discovery-config.client.secure.", "SecureConfig.Config"],
  ["discovery-config.client.auth.", "AuthConfig.Config"],
  ["discovery-config.client.", "ConfigSpec.Config"],
  ["discovery-config.", "DiscoveryConfig.Config"],
  ["socket-options.", "SocketOpts.Config"],
  ["client-transport-security.", "securityConfig.configJSON"],
  ["peer-transport-security.", "securityConfig.configJSON"],
];

class Refusal extends Error {}
class UrlRefusal extends Error {}

/**
 * Reads etcd's configuration file, YAML or JSON: keys match whatever their case, unknown ones are
 * passed over, durations are whole nanoseconds, the last of several equal keys wins.
 */
export function readConfigFile(text: string): ConfigFileResult {
  try {
    const root = parseYaml(text);
    if (root === null) return { kind: "read", values: new Map(), keys: [] };
    if (!isObject(root)) {
      throw mismatch(`${describe(root)} into Go value of type embed.configYAML`);
    }
    const values = new Map<string, FlagValue>();
    readSection(root, "", values);
    return { kind: "read", values, keys: Object.keys(root) };
  } catch (error) {
    if (error instanceof UrlRefusal) return { kind: "bad-url", error: error.message };
    if (error instanceof Refusal) return { kind: "refused", error: error.message };
    throw error;
  }
}

function mismatch(text: string): Refusal {
  return new Refusal(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${text}`,
  );
}

function parseYaml(text: string): Json {
  const documents = parseAllDocuments(text, {
    version: "1.1",
    uniqueKeys: false,
    intAsBigInt: true,
    merge: true,
    // YAML 1.1 knows times and base-60 numbers, etcd's reader does not.
    customTags: (tags: Tags) =>
      tags.filter(
        (tag) =>
          typeof tag === "string" ||
          !/timestamp|TIME/.test(`${tag.tag} ${"format" in tag ? tag.format : ""}`),
      ),
  });
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (document === undefined) return null;
  const [error] = document.errors;
  if (error !== undefined) throw new Refusal(yamlErrorText(error));
  return toJson(document.toJS({ maxAliasCount: 100 }));
}

function yamlErrorText(error: YAMLParseError): string {
  const line = error.linePos?.[0].line;
  const place = line === undefined ? "" : `line ${line}: `;
  const reason = (error.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
  return `error converting YAML to JSON: yaml: ${place}${reason}`;
}

function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" && !Number.isFinite(value)) {
    const text = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    throw new Refusal(`error converting YAML to JSON: json: unsupported value: ${text}`);
  }
  switch (typeof value) {
    case "boolean":
    case "number":
    case "bigint":
    case "string":
      return value;
    case "object":
      if (Array.isArray(value)) return value.map(toJson);
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner)]));
    default:
      return String(value);
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const rowsByKey: ReadonlyMap<string, FlagRow> = new Map(
  flagTable.flatMap((row) => (row.yaml === undefined ? [] : [[row.yaml, row] as const])),
);
const sections: ReadonlySet<string> = new Set(
  [...rowsByKey.keys()].flatMap((key) => {
    const words = key.split(".");
    return words.slice(0, -1).map((_, index) => words.slice(0, index + 1).join("."));
  }),
);

function readSection(object: JsonObject, path: string, values: Map<string, FlagValue>): void {
  // etcd turns the file into JSON with sorted keys before it reads any of them.
  for (const key of Object.keys(object).sort()) {
    const value = object[key] ?? null;
    const full = (path === "" ? key : `${path}.${key}`).toLowerCase();
    const row = rowsByKey.get(full);
    if (value === null) continue;
    if (row !== undefined) setValue(row, full, value, values);
    else if (sections.has(full)) readInner(full, value, values);
  }
}

function readInner(path: string, value: Json, values: Map<string, FlagValue>): void {
  if (isObject(value)) {
    readSection(value, path, values);
    return;
  }
  const type = path.endsWith("transport-security") ? "embed.securityConfig" : "struct";
  const owner = path.endsWith("transport-security") ? "configYAML.configJSON" : "configYAML.Config";
  if (path === "peer-transport-security" && typeof value === "object") {
    throw new Refusal("invalid peer-transport-security");
  }
  throw mismatch(`${describe(value)} into Go struct field ${owner}.${path} of type ${type}`);
}

function describe(value: Json): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "bigint") return "number";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function setValue(row: FlagRow, path: string, value: Json, values: Map<string, FlagValue>): void {
  const list =
    listKeys.has(path) ||
    path.endsWith(".allowed-cn") ||
    path.endsWith(".allowed-hostname") ||
    path.endsWith(".endpoints");
  const section = sectionTypes.find(([prefix]) => path.startsWith(prefix))?.[1];
  const owner = section ?? (fileOnlyKeys.has(path) ? "configYAML.configJSON" : "configYAML.Config");
  const fail = (what: string, type: string): Refusal =>
    mismatch(`${what} into Go struct field ${owner}.${path} of type ${type}`);
  if (list) {
    if (!Array.isArray(value)) throw fail(describe(value), "[]string");
    const items: string[] = [];
    for (const item of value) {
      if (typeof item !== "string") throw fail(describe(item), "string");
      items.push(item);
    }
    values.set(row.name, { kind: "list", items });
    return;
  }
  const goType = goTypes.get(row.type);
  if (goType === "bool") {
    if (typeof value !== "boolean") throw fail(describe(value), "bool");
    values.set(row.name, { kind: "bool", bool: value });
  } else if (goType !== undefined) {
    values.set(row.name, readNumber(row, value, goType, fail));
  } else {
    if (typeof value !== "string") throw fail(describe(value), "string");
    readText(row, value, values);
  }
}

function readNumber(
  row: FlagRow,
  value: Json,
  goType: string,
  fail: (what: string, type: string) => Refusal,
): FlagValue {
  if (typeof value !== "number" && typeof value !== "bigint") throw fail(describe(value), goType);
  const whole = typeof value === "bigint" || Number.isInteger(value);
  const integer = whole ? BigInt(value) : 0n;
  if (row.type === "duration") {
    if (!whole || BigInt.asIntN(64, integer) !== integer) throw fail(`number ${value}`, goType);
    return { kind: "duration", nanoseconds: integer };
  }
  const parsed = whole ? parseFlagValue(row, integer.toString()) : undefined;
  if (parsed === undefined || !parsed.ok) throw fail(`number ${value}`, goType);
  return parsed.value;
}

function readText(row: FlagRow, text: string, values: Map<string, FlagValue>): void {
  if (row.type === "urls") {
    // The file's empty text means: as if the key were not there.
    if (text === "") return;
    const parsed = parseMemberUrls(text.split(","));
    if (!parsed.ok) {
      // A slip of etcd that scripts may look for: this key is reported under another name.
      const name = row.name === "advertise-client-urls" ? "advertise-peer-urls" : row.name;
      throw new UrlRefusal(`unexpected error setting up ${name}: ${parsed.error}`);
    }
    values.set(row.name, { kind: "urls", urls: parsed.urls });
    return;
  }
  if (row.type === "one-of") {
    values.set(row.name, { kind: "text", text });
    return;
  }
  if (text === "" && (row.type === "urls-or-any" || row.type === "string-set")) return;
  const parsed = parseFlagValue(row, text);
  if (!parsed.ok) throw new Refusal(parsed.error);
  values.set(row.name, parsed.value);
}
