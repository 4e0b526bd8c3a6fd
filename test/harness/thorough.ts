// SPDX-License-Identifier: Apache-2.0

/** Whether tests go through every combination, as CI has some do, or through a share of them. */
export const isThorough = process.env["THOROUGH"] === "1";

/** Every `step`-th of a list, beginning with the first; all where tests are thorough. */
export function sampleOf<T>(all: readonly T[], step: number): readonly T[] {
  return isThorough ? all : all.filter((_, at) => at % step === 0);
}
