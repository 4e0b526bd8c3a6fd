// SPDX-License-Identifier: Apache-2.0

/** Minutes east of UTC at a moment, the moment in milliseconds since the Unix epoch. */
export type UtcOffset = (unixMs: number) => number;

/** The offset of the machine's time zone. */
export const localUtcOffset: UtcOffset = (unixMs) => -new Date(unixMs).getTimezoneOffset();

/**
 * Formats times as etcd does, `2026-11-20T23:30:08.123456Z` or with `+0200` at the end. The part
 * that changes once a second is kept between calls.
 */
export function createTimeFormat(utcOffset: UtcOffset): (unixMs: number) => string {
  let cachedSecond = Number.NaN;
  let head = "";
  let zone = "";
  return (unixMs) => {
    const microseconds = Math.floor(unixMs * 1000);
    const second = Math.floor(microseconds / 1_000_000);
    if (second !== cachedSecond) {
      const offset = utcOffset(unixMs);
      head = new Date(second * 1000 + offset * 60_000).toISOString().slice(0, 19);
      zone = formatZone(offset);
      cachedSecond = second;
    }
    const fraction = String(microseconds - second * 1_000_000).padStart(6, "0");
    return `${head}.${fraction}${zone}`;
  };
}

function formatZone(offset: number): string {
  if (offset === 0) return "Z";
  const minutes = Math.abs(offset);
  const hours = String(Math.floor(minutes / 60)).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${hours}${String(minutes % 60).padStart(2, "0")}`;
}
