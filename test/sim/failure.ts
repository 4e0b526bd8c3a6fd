// SPDX-License-Identifier: Apache-2.0

/** Which promise was broken: what a table of found failures names, and what a shrinker keeps. */
export type CheckName =
  | "one leader per term"
  | "one vote per term"
  | "later terms are adopted"
  | "log matching"
  | "leader completeness"
  | "commit never goes back"
  | "what was promised is on disk"
  | "acknowledged writes are on a quorum"
  | "states are equal at equal index"
  | "members and configuration agree"
  | "reads are fresh"
  | "reads show what was"
  | "writes are where they were acknowledged"
  | "history is linearizable"
  | "watches are complete"
  | "leases are kept"
  | "leases end whole"
  | "limits hold"
  | "the cluster recovers"
  | "no member breaks";

/** A promise was broken. Ends the run. */
export class SimFailure extends Error {
  override readonly name = "SimFailure";
  readonly check: CheckName;

  constructor(check: CheckName, message: string, options?: ErrorOptions) {
    super(`${check}: ${message}`, options);
    this.check = check;
  }
}

/** Throws a `SimFailure` unless the condition holds. */
export function expectThat(
  condition: boolean,
  check: CheckName,
  message: () => string,
): asserts condition {
  if (!condition) throw new SimFailure(check, message());
}
