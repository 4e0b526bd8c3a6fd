// SPDX-License-Identifier: Apache-2.0

import { parseGoBoolean } from "../../base/go-number.ts";

export interface FeatureGate {
  readonly name: string;
  readonly stage: "ALPHA" | "BETA";
  /** What it is when nobody sets it. */
  readonly enabled: boolean;
}

/** The gates that do something when they are switched on. */
export const LEASE_CHECKPOINT = "LeaseCheckpoint";
export const LEASE_CHECKPOINT_PERSIST = "LeaseCheckpointPersist";
export const PRIORITY_REQUEST = "PriorityRequest";
const built: ReadonlySet<string> = new Set([
  LEASE_CHECKPOINT,
  LEASE_CHECKPOINT_PERSIST,
  PRIORITY_REQUEST,
]);

function alpha(name: string): FeatureGate {
  return { name, stage: "ALPHA", enabled: false };
}

function beta(name: string, enabled: boolean): FeatureGate {
  return { name, stage: "BETA", enabled };
}

/** The feature gates of this release; the first two stand for all of a stage. */
export const featureGates: readonly FeatureGate[] = [
  alpha("AllAlpha"),
  beta("AllBeta", false),
  alpha("CompactHashCheck"),
  beta("FastLeaseKeepAlive", true),
  alpha("InitialCorruptCheck"),
  alpha(LEASE_CHECKPOINT),
  alpha(LEASE_CHECKPOINT_PERSIST),
  alpha(PRIORITY_REQUEST),
  alpha("SetMemberLocalAddr"),
  alpha("StopGRPCServiceOnDefrag"),
  beta("TxnModeWriteWithSharedBuffer", true),
];

/** Settings without an effect. `AllBeta=true` switches on what is on anyway, false does not. */
const effectless: ReadonlyMap<string, boolean> = new Map(
  featureGates.map(({ name, enabled }) => [name, name === "AllBeta" ? true : enabled]),
);

export type FeatureGatesResult =
  | { readonly ok: true; readonly changed: readonly string[] }
  | { readonly ok: false; readonly error: string };

/** How a list of changes, as `parseFeatureGates` answers it, spells a gate that is on. */
export function switchedOn(gate: string): string {
  return `${gate}=true`;
}

/** Whether all of these changes are honoured. */
export function areGatesBuilt(changed: readonly string[]): boolean {
  return changed.every((change) => built.has(change.slice(0, change.indexOf("="))));
}

/** The gates as they are with these on. */
export function featureGatesWith(on: ReadonlySet<string>): FeatureGate[] {
  return featureGates.map((gate) => ({ ...gate, enabled: gate.enabled || on.has(gate.name) }));
}

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
    if (!value.ok) {
      return { ok: false, error: `invalid value of ${name}=${word}, err: ${value.error}` };
    }
    settings.set(name, value.value);
  }
  const changed: string[] = [];
  for (const [name, value] of settings) {
    const standard = effectless.get(name);
    if (standard === undefined) return { ok: false, error: `unrecognized feature gate: ${name}` };
    if (value !== standard) changed.push(`${name}=${value}`);
  }
  return { ok: true, changed };
}
