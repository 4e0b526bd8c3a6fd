// SPDX-License-Identifier: Apache-2.0

import type { Parsed } from "./go-number.ts";
import { goQuote } from "./go-quote.ts";

const NANOSECONDS_MAX = (1n << 63n) - 1n;

const nanosecondsByUnit: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n],
  ["\u03bcs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

/** Reads a Go duration such as `1h30m` or `-1.5s` into nanoseconds. */
export function parseGoDuration(text: string): Parsed<bigint> {
  const quoted = goQuote(text);
  const invalid: Parsed<bigint> = { ok: false, error: `time: invalid duration ${quoted}` };
  const negative = text.startsWith("-");
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return { ok: true, value: 0n };
  if (rest === "") return invalid;
  let total = 0n;
  while (rest !== "") {
    const [whole = "", digits = "", fraction = "", unitText = ""] =
      /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/.exec(rest) ?? [];
    if (digits === "" && fraction === "") return invalid;
    if (unitText === "") return { ok: false, error: `time: missing unit in duration ${quoted}` };
    const unit = nanosecondsByUnit.get(unitText);
    if (unit === undefined) {
      return { ok: false, error: `time: unknown unit ${goQuote(unitText)} in duration ${quoted}` };
    }
    total += BigInt(digits || "0") * unit;
    total += (BigInt(fraction || "0") * unit) / 10n ** BigInt(fraction.length);
    rest = rest.slice(whole.length);
  }
  if (total > NANOSECONDS_MAX + (negative ? 1n : 0n)) return invalid;
  return { ok: true, value: negative ? -total : total };
}

/** Writes nanoseconds as Go prints a duration: `1h0m0s`, `1.5s`, `300ms`, `0s`. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  if (nanoseconds < 0n) return `-${formatGoDuration(-nanoseconds)}`;
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 3)}\u00b5s`;
  if (nanoseconds < 1_000_000_000n) return `${decimal(nanoseconds, 6)}ms`;
  const minutes = nanoseconds / 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return seconds;
  if (minutes < 60n) return `${minutes}m${seconds}`;
  return `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** The number with its last `places` digits behind the point, trailing zeros dropped. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  const whole = digits.slice(0, -places);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Nanoseconds to milliseconds, fractions kept. */
export function nanosecondsToMs(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}
