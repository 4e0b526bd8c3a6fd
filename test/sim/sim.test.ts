// SPDX-License-Identifier: Apache-2.0
//
// A short batch for every test run; `npm run sim` does the long ones.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runBatch } from "./batch.ts";
import { isLinearizable, type Operation } from "./checkers/linearizability.ts";
import { MUTATIONS } from "./mutations.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./world.ts";

const SEEDS = 50;
const BATCH_TIMEOUT_MS = 60_000;

test(
  "50 seeds break no promise",
  async () => {
    const failures: string[] = [];
    const options = { firstSeed: 1, seeds: SEEDS, msMax: BATCH_TIMEOUT_MS, run: {} };
    const batch = await runBatch(options, async ({ seed, failure }) => {
      failures.push(`seed ${seed}: ${failure?.message}`);
    });
    expect(failures).toEqual([]);
    expect(batch.seeds).toBe(SEEDS);
    expect(batch.coverage.counts.get("a snapshot was installed")).toBeGreaterThan(0);
    expect(batch.coverage.counts.get("a configuration was joint")).toBeGreaterThan(0);
  },
  BATCH_TIMEOUT_MS,
);

test("the same seed gives the same transcript, byte for byte", async () => {
  const first = await simulate({ seed: 3, trace: true });
  const second = await simulate({ seed: 3, trace: true });
  expect(second.lines.length).toBeGreaterThan(1000);
  expect(second.lines).toEqual(first.lines);
  expect((await simulate({ seed: 3 })).digest).toBe(first.digest);
  expect((await simulate({ seed: 4 })).digest).not.toBe(first.digest);
});

describe("the simulator notices", () => {
  /** Those that a few seeds are enough for; `npm run sim:mutants` tries all. */
  const quick = [
    "acknowledge before the sync",
    "leave out the sync",
    "read by a lease after stepping down",
    "store the applied index apart from the data",
    "a leader ignores a later term",
    "go on counting a removed member",
  ];

  test.each(quick)(
    "a fault of the engines: %s",
    (name) => {
      expect(MUTATIONS.map((mutation) => mutation.name)).toContain(name);
      const script = join(import.meta.dirname, "mutants.ts");
      const { stdout } = spawnSync(process.execPath, [script, "--run", name, "--seeds", "40"]);
      const report: unknown = JSON.parse(stdout.toString().trim().split("\n").at(-1) ?? "null");
      expect(report).toMatchObject({ check: expect.any(String) });
    },
    BATCH_TIMEOUT_MS,
  );
});

describe("histories", () => {
  const operation = (
    [invokedMs, returnedMs]: readonly [number, number],
    text: string,
    apply: Operation["apply"],
  ): Operation => ({ invokedMs, returnedMs, text, value: undefined, apply });
  const put = (times: readonly [number, number], value: string): Operation =>
    operation(times, `put ${value}`, () => value);
  const get = (times: readonly [number, number], value: string | null): Operation =>
    operation(times, `get ${value}`, (state) => (state === value ? state : undefined));

  test("are linearizable when some order explains them", () => {
    expect(isLinearizable([put([0, 5], "a"), get([1, 2], null), get([3, 4], "a")])).toBe(true);
    expect(isLinearizable([put([0, 3], "a"), put([1, 2], "b"), get([4, 5], "a")])).toBe(true);
  });

  test("are not when a read shows what was overwritten, or goes back", () => {
    expect(isLinearizable([put([0, 1], "a"), put([2, 3], "b"), get([4, 5], "a")])).toBe(false);
    expect(isLinearizable([put([0, 9], "a"), get([1, 2], "a"), get([3, 4], null)])).toBe(false);
  });

  test("with an unknown outcome may have it at any later time, or never", () => {
    const unknown = put([0, Number.POSITIVE_INFINITY], "a");
    expect(isLinearizable([unknown, get([1, 2], null), get([3, 4], "a")])).toBe(true);
    expect(isLinearizable([unknown, get([3, 4], null)])).toBe(true);
    expect(isLinearizable([get([0, 1], "a"), put([2, Number.POSITIVE_INFINITY], "a")])).toBe(false);
  });
});

test("a list of faults shrinks to those that a failure needs", async () => {
  // A voter that comes back empty: beyond what is promised, so that something breaks in the end.
  for (let seed = 1; seed < 400; seed++) {
    const options = { seed, members: 3 };
    const result = await simulate(options);
    if (result.failure === undefined) continue;
    const small = await shrink(result, options);
    expect(small.failure?.check).toBe(result.failure.check);
    expect(small.faults.length).toBeLessThan(result.faults.length);
    return;
  }
  expect.unreachable("no run of a cluster whose disks are exchanged broke");
}, 60_000);
