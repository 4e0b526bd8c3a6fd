// SPDX-License-Identifier: Apache-2.0

import { formatGoDuration } from "../../base/go-duration.ts";

const NANOSECONDS_PER_MS = 1_000_000;

/** A duration in milliseconds as Go writes it, such as `2.547848ms`. */
export function durationText(milliseconds: number): string {
  return formatGoDuration(BigInt(Math.round(milliseconds * NANOSECONDS_PER_MS)));
}
