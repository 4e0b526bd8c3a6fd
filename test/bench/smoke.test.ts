// SPDX-License-Identifier: Apache-2.0
// Runs the benchmark itself, tiny, so that it cannot rot. The figures mean nothing.

import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { h2loadGenerator, hasH2load } from "../../bench/h2load.ts";
import type { Plan } from "../../bench/measure.ts";
import { nodeGenerator } from "../../bench/node-generator.ts";
import { selectRows } from "../../bench/rows.ts";
import { runRow } from "../../bench/run-rows.ts";
import { compaction } from "../../bench/scenarios/compaction.ts";
import { offline } from "../../bench/scenarios/files.ts";
import { lease } from "../../bench/scenarios/lease.ts";
import { runScenario } from "../../bench/scenarios/run.ts";
import { watchFan } from "../../bench/scenarios/watch.ts";
import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import { anyServer } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";

const subject = anyServer();
const generators = [nodeGenerator, ...(hasH2load() ? [h2loadGenerator] : [])];
if (!hasH2load()) console.log("bench smoke: h2load is missing, its rows are left out");
if (subject === undefined) console.log("bench smoke: no server here, left out");

test.runIf(subject !== undefined).each(generators)("$name measures a row", async (generator) => {
  if (subject === undefined) return;
  const plan: Plan = { generator, seconds: 0.02, keyCount: 20, random: () => 0.5 };
  // CI runs every row once.
  for (const row of selectRows("range/1x1,txn/100x10")) {
    const contest = {
      subject,
      reference: undefined,
      rounds: 1,
      plan,
      parentDir: tmpdir(),
      onSample: () => {},
    };
    const result = await runRow(row, contest);
    expect(result.subject.requestsPerSecond, row.name).toBeGreaterThan(0);
    expect(result.subject.p99Micros, row.name).toBeGreaterThan(0);
  }
});

test.runIf(subject !== undefined).each(generators)("$name notices refusals", async (generator) => {
  if (subject === undefined) return;
  const server = await ServerProcess.start(subject);
  try {
    // A put without a key: the server answers every request with an error and HTTP status 200.
    const order = {
      port: server.ports.client,
      path: KVService.put.path,
      count: 20,
      shape: { connections: 2, inFlight: 2 },
      answerBytesMin: 6,
      frameAt: () => new Uint8Array(5),
    };
    await expect(generator.run(order)).rejects.toThrow(/lost requests|answered with 0 bytes/);
  } finally {
    await server.dispose();
  }
});

test.runIf(subject !== undefined).each([watchFan, lease, compaction, offline])(
  "the scenario $name measures something",
  async (scenario) => {
    if (subject === undefined) return;
    const counts = { keys: 200, watchers: 20, leases: 20, leaseTtl: 2, seconds: 0.02 };
    const size = { ...counts, parentDir: tmpdir() };
    const lines = await runScenario(scenario, [subject], size, 1);
    for (const { row, values } of lines) expect(values[0], row).toBeGreaterThanOrEqual(0);
    expect(lines.some(({ values }) => (values[0] ?? 0) > 0)).toBe(true);
  },
);
