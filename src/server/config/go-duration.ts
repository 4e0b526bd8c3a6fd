// SPDX-License-Identifier: Apache-2.0

const NANOSECONDS_MAX = (1n << 63n) - 1n;

const nanosecondsByUnit: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

/**
 * Reads a Go duration such as `1h30m`, `-1.5s` or `0` into nanoseconds; undefined when the text
 * is none or does not fit 64 bits.
 */
export function parseGoDuration(text: string): bigint | undefined {
  const negative = text.startsWith("-");
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return 0n;
  if (rest === "") return undefined;
  let total = 0n;
  while (rest !== "") {
    const part = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/.exec(rest);
    if (part === null) return undefined;
    const [whole, integerDigits = "", fractionDigits = "", unitText = ""] = part;
    if (integerDigits === "" && fractionDigits === "") return undefined;
    const unit = nanosecondsByUnit.get(unitText);
    if (unit === undefined) return undefined;
    total += BigInt(integerDigits === "" ? "0" : integerDigits) * unit;
    total +=
      (BigInt(fractionDigits === "" ? "0" : fractionDigits) * unit) /
      10n ** BigInt(fractionDigits.length);
    rest = rest.slice(whole.length);
  }
  if (total > NANOSECONDS_MAX + (negative ? 1n : 0n)) return undefined;
  return negative ? -total : total;
}

/** Writes nanoseconds as Go prints a duration: `1h0m0s`, `1.5s`, `300ms`, `0s`. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  const sign = nanoseconds < 0n ? "-" : "";
  const amount = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (amount < 1_000n) return `${sign}${amount}ns`;
  if (amount < 1_000_000n) return `${sign}${decimal(amount, 3)}µs`;
  if (amount < 1_000_000_000n) return `${sign}${decimal(amount, 6)}ms`;
  const minutes = amount / 60_000_000_000n;
  const seconds = decimal(amount % 60_000_000_000n, 9);
  if (minutes === 0n) return `${sign}${seconds}s`;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}s`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

/** `amount` divided by ten to the `places`, without trailing zeros. */
function decimal(amount: bigint, places: number): string {
  const text = amount.toString().padStart(places + 1, "0");
  const fraction = text.slice(-places).replace(/0+$/, "");
  const whole = text.slice(0, -places);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Nanoseconds to milliseconds, fractions kept. */
export function nanosecondsToMs(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

/** Milliseconds as Go prints a duration, rounded to whole nanoseconds. */
export function formatMsAsGoDuration(ms: number): string {
  return formatGoDuration(BigInt(Math.round(ms * 1e6)));
}
