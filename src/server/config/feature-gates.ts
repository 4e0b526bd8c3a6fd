// SPDX-License-Identifier: Apache-2.0

import { parseGoBoolean } from "./go-number.ts";
import { goQuote } from "./go-quote.ts";

/** The feature gates of this release with what they are when nobody sets them. */
export const featureGateDefaults: ReadonlyMap<string, boolean> = new Map([
  ["AllAlpha", false],
  // Given as true it switches on what is on anyway, given as false it switches that off.
  ["AllBeta", true],
  ["CompactHashCheck", false],
  ["FastLeaseKeepAlive", true],
  ["InitialCorruptCheck", false],
  ["LeaseCheckpoint", false],
  ["LeaseCheckpointPersist", false],
  ["PriorityRequest", false],
  ["SetMemberLocalAddr", false],
  ["StopGRPCServiceOnDefrag", false],
  ["TxnModeWriteWithSharedBuffer", true],
]);

export type FeatureGatesResult =
  | { readonly ok: true; readonly changed: readonly string[] }
  | { readonly ok: false; readonly error: string };

/** Reads `Gate=true,Gate=false`; answers the settings that differ from the defaults. */
export function parseFeatureGates(text: string): FeatureGatesResult {
  const settings = new Map<string, boolean>();
  for (const part of text.split(",")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim();
    if (equals < 0) return { ok: false, error: `missing bool value for ${name}` };
    const word = part.slice(equals + 1).trim();
    const value = parseGoBoolean(word);
    if (value === undefined) {
      const cause = `strconv.ParseBool: parsing ${goQuote(word)}: invalid syntax`;
      return { ok: false, error: `invalid value of ${name}=${word}, err: ${cause}` };
    }
    settings.set(name, value);
  }
  const changed: string[] = [];
  for (const [name, value] of settings) {
    const standard = featureGateDefaults.get(name);
    if (standard === undefined) return { ok: false, error: `unrecognized feature gate: ${name}` };
    if (value !== standard) changed.push(`${name}=${value}`);
  }
  return { ok: true, changed };
}
