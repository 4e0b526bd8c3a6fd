// SPDX-License-Identifier: Apache-2.0

/** Go writes exponents in this half-open range without an exponent: 0.0001 to 999999. */
const PLAIN_EXPONENT_MIN = -4;
const PLAIN_EXPONENT_END = 6;
const PLAIN_INTEGERS_END = 10 ** PLAIN_EXPONENT_END;

/** Writes a number as Prometheus' Go client does, which is Go's shortest form of format g. */
export function formatGoFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return "0";
  // Most values are counts.
  if (Number.isInteger(value) && value > -PLAIN_INTEGERS_END && value < PLAIN_INTEGERS_END) {
    return String(value);
  }
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= PLAIN_EXPONENT_MIN && exponent < PLAIN_EXPONENT_END) return String(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
