// SPDX-License-Identifier: Apache-2.0

import type { LogFields, LogLevel } from "../../base/contracts/logger.ts";

/** One line before it is written. */
export interface LogEntry {
  readonly level: LogLevel;
  /** Formatted time of the line. */
  readonly time: string;
  readonly caller: string;
  readonly message: string;
  readonly fields: LogFields;
}

export type LogEncoder = (entry: LogEntry) => string;

/** Depth at which nested field values are cut off: a cycle ends there too. */
const FIELD_DEPTH_MAX = 8;

/** One JSON object per line, keys in zap's order: level, ts, caller, msg, then the fields. */
export function encodeJson(entry: LogEntry): string {
  const head =
    `{"level":"${entry.level}","ts":"${entry.time}",` +
    `"caller":${JSON.stringify(entry.caller)},"msg":${JSON.stringify(entry.message)}`;
  return `${head}${encodeFields(entry.fields, ":", ",", true)}}\n`;
}

/** Tab-separated columns with the fields as a JSON object at the end, as zap's console encoder. */
export function encodeConsole(entry: LogEntry): string {
  const fields = encodeFields(entry.fields, ": ", ", ", false);
  const tail = fields === "" ? "" : `\t{${fields}}`;
  return `${entry.time}\t${entry.level}\t${entry.caller}\t${entry.message}${tail}\n`;
}

function encodeFields(
  fields: LogFields,
  colon: string,
  comma: string,
  leadingComma: boolean,
): string {
  let out = "";
  for (const name of Object.keys(fields)) {
    const value = encodeValue(fields[name], colon, comma, 0);
    if (value === undefined) continue;
    const separator = out === "" && !leadingComma ? "" : comma;
    out += `${separator}${JSON.stringify(name)}${colon}${value}`;
  }
  return out;
}

/**
 * A field value as JSON. Identities are bigints and come out as etcd prints them, lower-case hex
 * in a string; errors by their message, bytes as base64. Undefined leaves the field out.
 */
function encodeValue(
  value: unknown,
  colon: string,
  comma: string,
  depth: number,
): string | undefined {
  switch (typeof value) {
    case "undefined":
    case "function":
      return undefined;
    case "bigint":
      return `"${value.toString(16)}"`;
    case "number":
      return Number.isFinite(value) ? String(value) : `"${goInfinity(value)}"`;
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "symbol":
      return JSON.stringify(String(value));
    case "object":
      return value === null ? "null" : encodeObject(value, colon, comma, depth);
  }
}

function goInfinity(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

function encodeObject(value: object, colon: string, comma: string, depth: number): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  if (depth >= FIELD_DEPTH_MAX) return '"…"';
  const inner = (item: unknown): string => encodeValue(item, colon, comma, depth + 1) ?? "null";
  if (Array.isArray(value)) return `[${value.map(inner).join(comma)}]`;
  const pairs: string[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (item !== undefined) pairs.push(`${JSON.stringify(name)}${colon}${inner(item)}`);
  }
  return `{${pairs.join(comma)}}`;
}
