// SPDX-License-Identifier: Apache-2.0

import { formatGoDuration, parseGoDuration } from "../base/go-duration.ts";
import {
  type Parsed,
  parseGoBoolean,
  parseGoInt64,
  parseGoInteger,
  strconvError,
} from "../base/go-number.ts";
import { goQuote } from "../base/go-quote.ts";
import { invariant } from "../base/invariant.ts";
import { parseCommaList } from "./comma-list.ts";

/** What a flag takes. Durations are nanoseconds. */
export type FlagValue = boolean | string | bigint | readonly string[];
export type FlagKind = "bool" | "string" | "int64" | "uint" | "duration" | "strings";

/**
 * One flag as data. `type`, `char`, `summary` and `default` carry oclif's names and meanings, so
 * that its help and manifest can read the same object; `kind` says how the value is spelled.
 */
export interface Flag {
  readonly type: "boolean" | "option";
  readonly kind: FlagKind;
  readonly char?: string;
  readonly summary: string;
  readonly value: FlagValue;
  /** Values that a shell may offer. */
  readonly choices?: readonly string[];
}

export type Flags = Readonly<Record<string, Flag>>;

type Extra = { readonly char?: string };

export function boolFlag(summary: string, extra: Extra & { readonly value?: boolean } = {}): Flag {
  return { value: false, ...extra, type: "boolean", kind: "bool", summary };
}

type TextExtra = Extra & { readonly value?: string; readonly choices?: readonly string[] };

export function textFlag(summary: string, extra: TextExtra = {}): Flag {
  return { value: "", ...extra, type: "option", kind: "string", summary };
}

export function int64Flag(summary: string, value = 0n): Flag {
  return { type: "option", kind: "int64", summary, value };
}

export function uintFlag(summary: string, value: bigint): Flag {
  return { type: "option", kind: "uint", summary, value };
}

/** `value` in nanoseconds. */
export function durationFlag(summary: string, value: bigint): Flag {
  return { type: "option", kind: "duration", summary, value };
}

export function listFlag(summary: string, value: readonly string[]): Flag {
  return { type: "option", kind: "strings", summary, value };
}

/** The word that stands for the value in a usage line; empty for booleans. */
export function valueWord(flag: Flag): string {
  switch (flag.kind) {
    case "bool":
      return "";
    case "int64":
      return "int";
    default:
      return flag.kind;
  }
}

export function parseFlagValue(flag: Flag, text: string): Parsed<FlagValue> {
  switch (flag.kind) {
    case "bool":
      return parseGoBoolean(text);
    case "string":
      return { ok: true, value: text };
    case "int64":
      return parseGoInt64(text, 0);
    case "uint":
      return parseUint(text);
    case "duration":
      return parseGoDuration(text);
    case "strings":
      return parseCommaList(text);
  }
}

function parseUint(text: string): Parsed<bigint> {
  const parsed = parseGoInteger(text, { signed: false, bits: 64 });
  return parsed.ok ? parsed : { ok: false, error: strconvError("ParseUint", text, parsed.reason) };
}

/** A value as the flag would be told on the command line; lists in brackets. */
export function formatFlagValue(flag: Flag, value: FlagValue): string {
  if (flag.kind === "duration" && typeof value === "bigint") return formatGoDuration(value);
  if (Array.isArray(value)) return `[${value.join(",")}]`;
  return String(value);
}

/** The note `(default ...)` of a usage line; empty where the default is nothing. */
export function defaultNote(flag: Flag): string {
  const { value } = flag;
  if (value === false || value === "" || value === 0n) return "";
  if (Array.isArray(value) && value.length === 0) return "";
  const text = formatFlagValue(flag, value);
  return ` (default ${flag.kind === "string" ? goQuote(text) : text})`;
}

/** The values of a command's flags, read by name and kind. */
export class FlagValues {
  readonly #flags: Flags;
  readonly #set = new Map<string, FlagValue>();

  constructor(flags: Flags) {
    this.#flags = flags;
  }

  /** Names of all flags, sorted. */
  get names(): string[] {
    return Object.keys(this.#flags).sort();
  }

  flag(name: string): Flag | undefined {
    return Object.hasOwn(this.#flags, name) ? this.#flags[name] : undefined;
  }

  /** Whether the flag was given, be it with its default value. */
  changed(name: string): boolean {
    return this.#set.has(name);
  }

  /** Takes a value from the command line: the last one wins, but lists grow. */
  assign(name: string, text: string): Parsed<FlagValue> {
    const flag = this.flag(name);
    invariant(flag !== undefined, `no flag ${name}`);
    const parsed = parseFlagValue(flag, text);
    if (!parsed.ok) return parsed;
    const before = this.#set.get(name);
    const grown = Array.isArray(before) && Array.isArray(parsed.value);
    this.#set.set(name, grown ? [...before, ...parsed.value] : parsed.value);
    return parsed;
  }

  /** Makes a number 0 and a switch false; texts and lists stay. */
  clear(name: string): void {
    const value = this.get(name);
    if (typeof value === "boolean") this.#set.set(name, false);
    if (typeof value === "bigint") this.#set.set(name, 0n);
  }

  get(name: string): FlagValue {
    const value = this.#set.get(name) ?? this.flag(name)?.value;
    invariant(value !== undefined, `no flag ${name}`);
    return value;
  }

  bool(name: string): boolean {
    const value = this.get(name);
    invariant(typeof value === "boolean", `flag ${name} is no boolean`);
    return value;
  }

  text(name: string): string {
    const value = this.get(name);
    invariant(typeof value === "string", `flag ${name} is no text`);
    return value;
  }

  /** Nanoseconds of a duration, or a 64-bit integer whole. */
  bigint(name: string): bigint {
    const value = this.get(name);
    invariant(typeof value === "bigint", `flag ${name} is no integer`);
    return value;
  }

  /** A 64-bit integer as the wire codecs take it. */
  counter(name: string): number {
    return toCounter(this.bigint(name));
  }

  list(name: string): readonly string[] {
    const value = this.get(name);
    invariant(Array.isArray(value), `flag ${name} is no list`);
    return value;
  }
}

// The largest double below 2^63: rounding up would turn the value negative on the wire.
const COUNTER_MAX = 2 ** 63 - 1024;

/** Narrows to a double; values beyond 2^53 lose their low bits but keep their sign. */
export function toCounter(value: bigint): number {
  return Math.min(Number(value), COUNTER_MAX);
}
