// SPDX-License-Identifier: Apache-2.0

import { parseGoDuration } from "../../base/go-duration.ts";
import type { Parsed } from "../../base/go-number.ts";
import type { AutoCompactionConfig } from "./server-config.ts";
import type { Settings } from "./settings.ts";

const HOUR_NS = 3_600_000_000_000n;
const NS_PER_MS = 1_000_000n;

export type AutoCompactionResult =
  | { readonly ok: true; readonly config: AutoCompactionConfig }
  | { readonly ok: false; readonly error: string };

/**
 * Reads `--auto-compaction-retention` under its mode: a whole number means hours or revisions,
 * anything else is a Go duration (which in mode revision counts its nanoseconds, as in etcd).
 */
export function readAutoCompaction(settings: Settings): AutoCompactionResult {
  // Given as nothing, by a template for example, it is not given.
  const text = settings.text("auto-compaction-retention") || "0";
  const isPeriodic = settings.text("auto-compaction-mode") === "periodic";
  const isWhole = /^\+?[0-9]+$/.test(text);
  const parsed: Parsed<bigint> = isWhole
    ? { ok: true, value: BigInt(text.replace("+", "")) * (isPeriodic ? HOUR_NS : 1n) }
    : parseGoDuration(text);
  if (!parsed.ok) return { ok: false, error: `error parsing CompactionRetention: ${parsed.error}` };
  const { value } = parsed;
  if (value < 0n) {
    // etcd takes it and then compacts without pause.
    const error = `etcdx: --auto-compaction-retention ${text} is negative; give 0 to switch it off`;
    return { ok: false, error };
  }
  if (value === 0n) return { ok: true, config: { mode: "off" } };
  const config: AutoCompactionConfig = isPeriodic
    ? { mode: "periodic", periodMs: Math.max(1, Number(value / NS_PER_MS)) }
    : { mode: "revision", retention: Number(value) };
  return { ok: true, config };
}
