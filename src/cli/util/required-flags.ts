// SPDX-License-Identifier: Apache-2.0

import type { Call } from "../command.ts";
import { UsageFailure } from "../usage-failure.ts";

/** Ends the command unless all of these flags were given, be it with empty values. */
export function requireFlags({ values }: Call, ...names: readonly string[]): void {
  const missing = names.filter((name) => !values.changed(name)).sort();
  if (missing.length === 0) return;
  const list = missing.map((name) => JSON.stringify(name)).join(", ");
  throw new UsageFailure(`required flag(s) ${list} not set`);
}
