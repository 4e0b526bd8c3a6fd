// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { anyServer } from "../harness/server-command.ts";
import { runLedger } from "./ledger.ts";

const command = anyServer();
if (command === undefined) console.log("ledger: no server here, its rounds are left out");

test.runIf(command !== undefined)(
  "two kills lose nothing that was acknowledged, end no lease early and hide no event",
  async () => {
    if (command === undefined) return;
    const seed = 7;
    const rounds = await runLedger({ command, rounds: 2, seed, acknowledgementsMax: 300 });
    expect(rounds.flatMap((round) => round.violations)).toEqual([]);
    expect(rounds).toHaveLength(2);
    for (const round of rounds) expect(round.acknowledged).toBeGreaterThan(0);
    expect(rounds.at(-1)?.events).toBeGreaterThan(0);
  },
  120_000,
);
