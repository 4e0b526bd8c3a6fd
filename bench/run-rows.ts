// SPDX-License-Identifier: Apache-2.0

import type { ServerCommand } from "../test/harness/server-command.ts";
import { ServerProcess } from "../test/harness/server-process.ts";
import { calibrate, measure, type Plan, preloadKeys, type Sample } from "./measure.ts";
import { nodeGenerator } from "./node-generator.ts";
import type { Row } from "./rows.ts";
import { medianRound, type RowResult } from "./table.ts";

export interface Contest {
  readonly subject: ServerCommand;
  readonly reference: ServerCommand | undefined;
  readonly rounds: number;
  readonly plan: Plan;
  /** Where the data directories go. */
  readonly parentDir: string;
  /** Told about each burst as it ends. */
  readonly onSample: (server: string, row: string, sample: Sample) => void;
}

interface Runner {
  readonly server: ServerProcess;
  readonly count: number;
  readonly samples: Sample[];
}

async function prepare(command: ServerCommand, row: Row, contest: Contest): Promise<Runner> {
  const server = await ServerProcess.start(command, { parentDir: contest.parentDir });
  try {
    await preloadKeys(server, nodeGenerator, contest.plan);
    return { server, count: await calibrate(server, row, contest.plan), samples: [] };
  } catch (error) {
    await server.dispose();
    throw error;
  }
}

/** One row on fresh servers, measured in turn so that a slow minute hits both alike. */
export async function runRow(row: Row, contest: Contest): Promise<RowResult> {
  const runners: Runner[] = [];
  try {
    for (const command of [contest.subject, contest.reference]) {
      if (command !== undefined) runners.push(await prepare(command, row, contest));
    }
    for (let round = 0; round < contest.rounds; round += 1) {
      for (const runner of runners) {
        const sample = await measure(runner.server, row, contest.plan, runner.count);
        runner.samples.push(sample);
        contest.onSample(runner.server.command.name, row.name, sample);
      }
    }
    const [subject, reference] = runners.map((runner) => medianRound(runner.samples));
    if (subject === undefined) throw new Error("no server was measured");
    return { row: row.name, subject, reference };
  } finally {
    for (const runner of runners) await runner.server.dispose();
  }
}
