// SPDX-License-Identifier: Apache-2.0
//
// Decoded messages as text and as JSON. Both leave out what is not set; text cuts long values
// short, JSON has bytes whole, in base64 as etcdctl has them.

import { goQuoteBytes } from "../base/go-quote.ts";

/** A value that is shown; an object's fields in their order. */
export type Shown =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Shown[]
  | { readonly [field: string]: Shown };

type ShownObject = { readonly [field: string]: Shown };

const MASK = "***";
/** Whatever is stored under these names must not appear in any output. */
const SECRETS: ReadonlySet<string> = new Set(["password", "hashedPassword", "simpleToken"]);
/** Bytes of a key or value that a line of text shows. */
const TEXT_BYTES_MAX = 128;

const ENUMS: Readonly<Record<string, readonly string[]>> = {
  "Compare.result": ["EQUAL", "GREATER", "LESS", "NOT_EQUAL"],
  "Compare.target": ["VERSION", "CREATE", "MOD", "VALUE", "LEASE"],
  sortOrder: ["NONE", "ASCEND", "DESCEND"],
  sortTarget: ["KEY", "VERSION", "CREATE", "MOD", "VALUE"],
  action: ["GET", "ACTIVATE", "DEACTIVATE"],
  alarm: ["NONE", "NOSPACE", "CORRUPT"],
  permType: ["READ", "WRITE", "READWRITE"],
};

/** What a generated message holds, without what is not set, with secrets masked. */
export function shownMessage(message: object): ShownObject {
  const isCompare = "target" in message && "result" in message;
  const isUnset = isCompare ? isUnsetInCompare : isEmpty;
  const shown: Record<string, Shown> = {};
  for (const [field, value] of Object.entries(message)) {
    const names = ENUMS[field] ?? (isCompare ? ENUMS[`Compare.${field}`] : undefined);
    if (names === undefined && isUnset(value, field)) continue;
    const found = shownField(field, value, names);
    if (found !== undefined) shown[field] = found;
  }
  return shown;
}

function shownField(
  field: string,
  value: unknown,
  names: readonly string[] | undefined,
): Shown | undefined {
  if (names !== undefined && typeof value === "number") {
    // The first name of a comparison, an alarm or a permission says something, no order does not.
    return value === 0 && field.startsWith("sort") ? undefined : (names[value] ?? value);
  }
  if (SECRETS.has(field)) return MASK;
  const shown = shownValue(value);
  return shown !== undefined && shownJson(shown) === "{}" ? undefined : shown;
}

/** What a key is compared with may well be 0 or nothing. */
function isUnsetInCompare(value: unknown, field: string): boolean {
  return field === "rangeEnd" ? isEmpty(value) : value === undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (value === 0 || value === 0n || value === "") return true;
  return (Array.isArray(value) || value instanceof Uint8Array) && value.length === 0;
}

function shownValue(value: unknown): Shown | undefined {
  if (value instanceof Uint8Array || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.flatMap((item) => shownValue(item) ?? []);
  if (typeof value === "object" && value !== null) return shownMessage(value);
  return undefined;
}

export function shownJson(value: Shown): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString("base64")}"`;
  if (typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(shownJson).join(",")}]`;
  const fields = Object.entries(value);
  return `{${fields.map(([name, item]) => `${JSON.stringify(name)}:${shownJson(item)}`).join(",")}}`;
}

/** `name=value` pairs with blanks between them. */
export function shownText(object: ShownObject): string {
  return Object.entries(object)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(" ");
}

function valueText(value: Shown): string {
  if (typeof value === "bigint") return BigInt.asUintN(64, value).toString(16);
  if (value instanceof Uint8Array) return bytesText(value);
  if (typeof value === "string") return bareOrQuoted(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(valueText).join(" ")}]`;
  return `{${shownText(value)}}`;
}

function isList(value: readonly Shown[] | ShownObject): value is readonly Shown[] {
  return Array.isArray(value);
}

function bytesText(bytes: Uint8Array): string {
  if (bytes.length <= TEXT_BYTES_MAX) return goQuoteBytes(bytes);
  const head = goQuoteBytes(bytes.subarray(0, TEXT_BYTES_MAX));
  return `${head}...(${bytes.length} bytes)`;
}

/** Names, the mask and JSON stand as they are; whatever could be misread is quoted. */
function bareOrQuoted(text: string): string {
  return /^(?:[\w.*-]+|\{[!-~]*\})$/.test(text) ? text : bytesText(Buffer.from(text));
}
