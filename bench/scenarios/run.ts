// SPDX-License-Identifier: Apache-2.0

import type { ServerCommand } from "../../test/harness/server-command.ts";
import type { Bout, Figure, Scenario, Size } from "./scenario.ts";
import type { Line } from "./table.ts";

/** The middle one; the lower of two. */
function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function linesOf(scenario: Scenario, perServer: readonly (readonly Figure[][])[]): Line[] {
  const rows = perServer[0]?.[0] ?? [];
  return rows.map(({ row, unit, wants }, at) => ({
    row,
    unit,
    wants,
    asked: scenario.asked[row] ?? "",
    values: perServer.map((rounds) =>
      median(rounds.flatMap((figures) => figures[at]?.value ?? [])),
    ),
  }));
}

/** Measures the servers in turn, so that a slow minute of the machine hits all alike. */
export async function runScenario(
  scenario: Scenario,
  commands: readonly ServerCommand[],
  size: Size,
  rounds: number,
): Promise<Line[]> {
  const bouts: { readonly name: string; readonly bout: Bout; readonly seen: Figure[][] }[] = [];
  try {
    for (const command of commands) {
      const bout = await scenario.open(command, size);
      bouts.push({ name: command.name, bout, seen: [] });
    }
    for (let round = 0; round < rounds; round++) {
      for (const { name, bout, seen } of bouts) {
        const figures = await bout.round();
        seen.push([...figures]);
        for (const { row, value, unit } of figures) {
          console.log(`  ${scenario.name} ${name}: ${row}: ${value.toFixed(2)} ${unit}`);
        }
      }
    }
    return linesOf(
      scenario,
      bouts.map(({ seen }) => seen),
    );
  } finally {
    for (const { bout } of bouts) await bout.dispose();
  }
}
