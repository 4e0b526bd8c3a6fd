// SPDX-License-Identifier: Apache-2.0

const escapes: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** A string in JSON as Go's encoder spells it, HTML characters escaped. */
export function jsonString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => escapes[character] ?? character,
  );
}

/** A member of an object, without its comma; none if the value is left out. */
export type JsonMember = string | undefined;

/** An object of the members that are there. */
export function jsonObject(members: readonly JsonMember[]): string {
  return `{${members.filter((member) => member !== undefined).join(",")}}`;
}

/** `"key":number`, left out for zero. */
export function jsonNumber(key: string, value: number | bigint): JsonMember {
  return value === 0 || value === 0n ? undefined : `"${key}":${value}`;
}

/** `"key":true`, left out for false. */
export function jsonTrue(key: string, value: boolean): JsonMember {
  return value ? `"${key}":true` : undefined;
}

/** `"key":"text"`, left out when empty. */
export function jsonText(key: string, value: string): JsonMember {
  return value === "" ? undefined : `"${key}":${jsonString(value)}`;
}

/** `"key":"base64"`, left out when empty. */
export function jsonBytes(key: string, value: Uint8Array): JsonMember {
  if (value.length === 0) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return `"${key}":"${bytes.toString("base64")}"`;
}

/** `"key":[...]`, left out when empty. */
export function jsonList(key: string, items: readonly string[]): JsonMember {
  return items.length === 0 ? undefined : `"${key}":[${items.join(",")}]`;
}
