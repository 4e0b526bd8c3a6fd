// SPDX-License-Identifier: Apache-2.0

/**
 * Encodes `grpc-message`: UTF-8, with everything but printable ASCII, and the percent sign
 * itself, as %XX.
 */
export function percentEncode(message: string): string {
  if (/^[ -$&-~]*$/.test(message)) return message;
  let text = "";
  for (const byte of Buffer.from(message, "utf8")) {
    text +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

/** Quotes a text as Go's %q does for what can stand in a header (octets, not characters). */
export function quoted(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text, "latin1")) {
    if (byte === 0x22 || byte === 0x5c) out += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte <= 0x7e) out += String.fromCharCode(byte);
    else if (byte === 0x09) out += "\\t";
    else out += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${out}"`;
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ["H", 3_600_000],
  ["M", 60_000],
  ["S", 1000],
  ["m", 1],
  ["u", 1e-3],
  ["n", 1e-6],
]);

/** Reads `grpc-timeout` into milliseconds, or gives grpc-go's words for what is wrong with it. */
export function parseTimeout(value: string): number | string {
  if (value.length < 2) return `transport: timeout string is too short: ${quoted(value)}`;
  if (value.length > 9) return `transport: timeout string is too long: ${quoted(value)}`;
  const unit = unitMs.get(value.charAt(value.length - 1));
  if (unit === undefined) return `transport: timeout unit is not recognized: ${quoted(value)}`;
  let amount = 0;
  for (let index = 0; index < value.length - 1; index++) {
    const digit = value.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) {
      return `strconv.ParseUint: parsing ${quoted(value.slice(0, -1))}: invalid syntax`;
    }
    amount = amount * 10 + digit;
  }
  return amount * unit;
}
