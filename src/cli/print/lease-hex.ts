// SPDX-License-Identifier: Apache-2.0

/** A lease ID in hexadecimal as Go's `%016x` has it: the sign counts among the 16 characters. */
export function leaseHex(id: bigint): string {
  const sign = id < 0n ? "-" : "";
  const digits = (id < 0n ? -id : id).toString(16);
  return sign + digits.padStart(16 - sign.length, "0");
}
