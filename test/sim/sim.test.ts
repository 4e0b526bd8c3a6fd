// SPDX-License-Identifier: Apache-2.0
//
// A short batch for every test run; `npm run sim` does the long ones.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sampleOf } from "../harness/thorough.ts";
import { runBatch } from "./batch.ts";
import { judgeHistory, type Operation } from "./checkers/linearizability.ts";
import type { Fault } from "./faults.ts";
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
    const batch = await runBatch(options, ({ seed, failure }) => {
      failures.push(`seed ${seed}: ${failure?.message}`);
    });
    expect(failures).toEqual([]);
    expect(batch.undecided).toBe(0);
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
    "read by a lease after stepping down",
    "store the applied index apart from the data",
    "a leader ignores a later term",
    "end a lease before its time",
  ];

  test.each(sampleOf(quick, 3))(
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
  type Times = readonly [invokedMs: number, returnedMs: number];
  const NEVER = Number.POSITIVE_INFINITY;
  const put = ([invokedMs, returnedMs]: Times, value: string): Operation => ({
    invokedMs,
    returnedMs,
    text: `put ${value}`,
    value,
    effect: () => value,
  });
  const get = ([invokedMs, returnedMs]: Times, observed: string | null): Operation => ({
    invokedMs,
    returnedMs,
    text: "get",
    value: null,
    observed,
    effect: (state) => state,
  });
  const unknownDelete = (invokedMs: number): Operation => ({
    invokedMs,
    returnedMs: NEVER,
    text: "delete",
    value: undefined,
    effect: () => null,
  });

  test("are linearizable when some order explains them", () => {
    const hidden = [put([0, 5], "a"), get([1, 2], null), get([3, 4], "a")];
    expect(judgeHistory(hidden)).toBe("linearizable");
    const within = [put([0, 3], "a"), put([1, 2], "b"), get([4, 5], "a")];
    expect(judgeHistory(within)).toBe("linearizable");
  });

  test("are not when a read shows what was overwritten, or goes back", () => {
    const stale = [put([0, 1], "a"), put([2, 3], "b"), get([4, 5], "a")];
    expect(judgeHistory(stale)).toBe("broken");
    const back = [put([0, 9], "a"), get([1, 2], "a"), get([3, 4], null)];
    expect(judgeHistory(back)).toBe("broken");
  });

  test("with an unknown outcome may have it at any later time, or never", () => {
    const unknown = put([0, NEVER], "a");
    expect(judgeHistory([unknown, get([1, 2], null), get([3, 4], "a")])).toBe("linearizable");
    expect(judgeHistory([unknown, get([3, 4], null)])).toBe("linearizable");
    expect(judgeHistory([get([0, 1], "a"), put([2, NEVER], "a")])).toBe("broken");
  });

  test("show what an unknown write was expected by", () => {
    const swap = (expected: string, value: string): Operation => ({
      ...put([2, NEVER], value),
      expected,
      effect: (state) => (state === expected ? value : state),
    });
    const unknown = [put([0, NEVER], "a"), swap("a", "b"), swap("b", "c")];
    expect(judgeHistory([...unknown, get([5, 6], "c")])).toBe("linearizable");
    expect(judgeHistory([...unknown, get([5, 6], "c"), get([7, 8], "a")])).toBe("broken");
  });

  test("with many unknown deletes are judged soon, and each of them counts once", () => {
    const deletes = Array.from({ length: 20 }, (_, at) => unknownDelete(at));
    const rounds = Array.from({ length: 21 }, (_, at) => [
      put([100 + at * 10, 101 + at * 10], `v${at}`),
      get([105 + at * 10, 106 + at * 10], null),
    ]);
    expect(judgeHistory([...deletes, ...rounds.slice(0, 20).flat()], 2000)).toBe("linearizable");
    expect(judgeHistory([...deletes, ...rounds.flat()], 20_000)).toBe("broken");
  });

  test("that would take too long a search stay undecided, and are not called good", () => {
    const together = Array.from({ length: 12 }, (_, at) => put([at, 100 + at], `v${at}`));
    const history = [...together, get([200, 201], "v3"), get([202, 203], "v4")];
    expect(judgeHistory(history, 50)).toBe("undecided");
    expect(judgeHistory(history)).toBe("broken");
  });
});

test("a list of faults shrinks to those that a failure needs", async () => {
  // Two of three voters come back empty: beyond what is promised, and more than can be survived.
  const faults: Fault[] = [
    { atMs: 1000, kind: "pause", target: 2, forMs: 300 },
    { atMs: 2000, kind: "set clock", target: 1, byMs: 5000 },
    { atMs: 3000, kind: "snapshot", target: 0 },
    { atMs: 5000, kind: "empty disk", target: 0 },
    { atMs: 5001, kind: "empty disk", target: 1 },
    { atMs: 7000, kind: "transfer", target: 2 },
  ];
  const options = { seed: 5, members: 3, faultsMs: 8000, faults };
  const result = await simulate(options);
  expect(result.side).toBe("beyond");
  const { failure } = result;
  if (failure === undefined) throw new Error("two voters lost their disks, and nothing failed");
  const small = await shrink(result, options);
  expect(small.failure?.check).toBe(failure.check);
  expect(small.faults.length).toBeLessThan(faults.length);
  expect(small.faults.map(({ kind }) => kind)).toContain("empty disk");
  // None of what is left can be left out, too: else the run does not fail like that.
  for (const needed of small.faults) {
    const others = small.faults.filter((fault) => fault !== needed);
    const without = await simulate({ ...options, faults: others });
    expect(without.failure?.check, needed.kind).not.toBe(result.failure?.check);
  }
});
