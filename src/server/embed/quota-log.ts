// SPDX-License-Identifier: Apache-2.0

import type { Logger } from "../../base/contracts/logger.ts";

const CALLER = "embed/quota-log.ts";
/** Above this etcd advises against; nothing is refused. */
const QUOTA_BYTES_SUGGESTED_MAX = 8 * 1024 * 1024 * 1024;

/** Says at the start what the quota is. `bytes` is the one in force, below zero for none. */
export function logQuota(logger: Logger, bytes: number, configuredBytes: number): void {
  const fields = { "quota-name": "v3-applier", "quota-size-bytes": bytes };
  if (bytes < 0) {
    logger.log("info", CALLER, "disabled backend quota", fields);
    return;
  }
  const sized = { ...fields, "quota-size": siBytes(bytes) };
  if (bytes > QUOTA_BYTES_SUGGESTED_MAX) {
    logger.log("warn", CALLER, "quota exceeds the maximum value", {
      ...sized,
      "quota-maximum-size-bytes": QUOTA_BYTES_SUGGESTED_MAX,
      "quota-maximum-size": siBytes(QUOTA_BYTES_SUGGESTED_MAX),
    });
  }
  const suffix = configuredBytes === 0 ? " with default value" : "";
  logger.log("info", CALLER, `enabled backend quota${suffix}`, sized);
}

/** A size in powers of a thousand: one decimal below ten, none from there on. */
export function siBytes(bytes: number): string {
  if (bytes < 10) return `${bytes} B`;
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  const rounded = Math.floor(size * 10 + 0.5) / 10;
  return `${rounded < 10 ? rounded.toFixed(1) : rounded.toFixed(0)} ${units[unit]}`;
}
