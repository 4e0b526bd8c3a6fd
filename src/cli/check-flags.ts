// SPDX-License-Identifier: Apache-2.0

import { boolFlag, type Flags, textFlag } from "./flag.ts";

/** The flags that both checks take. */
export function checkFlags(prefix: string): Flags {
  return {
    load: textFlag("how much to write: s (small), m (medium), l (large) or xl (xLarge)", {
      value: "s",
      choices: ["small", "medium", "large", "xLarge"],
    }),
    prefix: textFlag("what the keys of the check begin with", { value: prefix }),
    "auto-compact": boolFlag("compact the history when the check is over"),
    "auto-defrag": boolFlag("defragment every endpoint when the check is over"),
  };
}
