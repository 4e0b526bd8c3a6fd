// SPDX-License-Identifier: Apache-2.0
//
// Kills the real program with SIGKILL while it works on files, at moments spread over the time
// that the work takes, looks at what is left, and lets another run finish it:
//
//   node test/e2e/kill-runs.ts --runs 200 --kinds import,defrag --revisions 30000 --seed 7

import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { SeededRandom } from "../harness/seeded-random.ts";
import { BuildKind } from "./kills/building.ts";
import { DefragmentKind } from "./kills/defragment.ts";
import { OnlineDefragmentKind } from "./kills/defragment-online.ts";
import type { KillKind, Moment } from "./kills/kill-kind.ts";
import { Sources } from "./kills/sources.ts";
import { TakeoverKind } from "./kills/takeover.ts";

/** The first one also reads the program and its libraries into the page cache. */
const UNDISTURBED_RUNS = 3;
/** With fewer runs, one has to do. */
const MEASURED_RUNS_MIN = 10;
/** Some kills come too late. */
const LATE_FACTOR = 1.05;

const makers = {
  restore: (sources: Sources): KillKind => new BuildKind("restore", sources),
  "restore-go": (sources: Sources): KillKind => new BuildKind("restore-go", sources),
  export: (sources: Sources): KillKind => new BuildKind("export", sources),
  import: (sources: Sources): KillKind => new TakeoverKind(sources),
  defrag: (sources: Sources): KillKind => new DefragmentKind("defrag", sources),
  "defrag-go": (sources: Sources): KillKind => new DefragmentKind("defrag-go", sources),
  "defrag-online": (sources: Sources): KillKind => new OnlineDefragmentKind(sources),
};

export type KindName = keyof typeof makers;
export const kindNames = Object.keys(makers).filter(isKindName);

export interface KillOptions {
  readonly kinds: readonly KindName[];
  /** Of each kind. */
  readonly runs: number;
  readonly seed: number;
  /** How much there is to work on: so many rows of 200 B. */
  readonly revisions: number;
}

/** How many kills came before, during and after the work, and how long that takes. */
export type KillTally = Record<Moment, number> & { readonly undisturbedMs: number };

function isKindName(name: string): name is KindName {
  return Object.hasOwn(makers, name);
}

async function undisturbedMs(kind: KillKind, runs: number): Promise<number> {
  const took: number[] = [];
  for (let run = 0; run < runs; run++) {
    kind.reset();
    const working = await kind.begin();
    const startMs = performance.now();
    await working.finish();
    took.push(performance.now() - startMs);
    if ((await kind.examine()) !== "after") throw new Error(`${kind.name} has done nothing`);
  }
  return Math.min(...took);
}

/** Half of what is killed is finished by the next run, the other half killed again. */
async function killRuns(
  kind: KillKind,
  runs: number,
  random: SeededRandom,
  onRun: (run: number) => void,
): Promise<KillTally> {
  const measured = runs < MEASURED_RUNS_MIN ? 1 : UNDISTURBED_RUNS;
  const tally = {
    ...{ before: 0, between: 0, after: 0 },
    undisturbedMs: Math.round(await undisturbedMs(kind, measured)),
  };
  const delayMsMax = Math.ceil(tally.undisturbedMs * LATE_FACTOR);
  kind.reset();
  for (let run = 0; run < runs; run++) {
    onRun(run);
    const working = await kind.begin();
    await delay(random.intBelow(delayMsMax + 1));
    await working.kill();
    const moment = await kind.examine();
    tally[moment]++;
    const isCompleted = random.chance(50) || run === runs - 1;
    if (isCompleted) await kind.complete();
    if (isCompleted || moment === "after") kind.reset();
  }
  return tally;
}

/** Kills so many runs of each kind. Throws at the first one that has left what it must not. */
export async function killAll(options: KillOptions): Promise<Map<KindName, KillTally>> {
  const { kinds, runs, seed, revisions } = options;
  const sources = new Sources(revisions);
  const tallies = new Map<KindName, KillTally>();
  let isSound = false;
  try {
    await sources.prepare();
    for (const name of kinds) {
      const kind = makers[name](sources);
      let at = 0;
      try {
        const random = new SeededRandom(seed);
        tallies.set(name, await killRuns(kind, runs, random, (run) => (at = run)));
      } catch (cause) {
        const text = `run ${at} of ${name}, seed ${seed}, ${sources.folder} is kept`;
        throw new Error(`${text}: ${cause instanceof Error ? cause.message : cause}`, { cause });
      }
      kind.reset();
    }
    const left = readdirSync(sources.folder).filter((name) => name.endsWith(".unfinished"));
    if (left.length > 0) throw new Error(`left behind: ${left.join()}`);
    isSound = true;
    return tallies;
  } finally {
    if (isSound) sources.dispose();
  }
}

function kindsIn(text: string): readonly KindName[] {
  const names = text.split(",");
  const unknown = names.filter((name) => !isKindName(name));
  if (unknown.length > 0) throw new Error(`${unknown.join()}: there are ${kindNames.join()}`);
  return names.filter(isKindName);
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "200" },
      seed: { type: "string" },
      kinds: { type: "string", default: kindNames.join() },
      revisions: { type: "string", default: "30000" },
    },
  });
  const seed = Number(values.seed ?? Date.now() % 100_000);
  console.log(`seed ${seed}`);
  for (const kind of kindsIn(values.kinds)) {
    const [runs, revisions] = [Number(values.runs), Number(values.revisions)];
    const tallies = await killAll({ kinds: [kind], runs, seed, revisions });
    for (const [name, tally] of tallies) console.log(name, tally);
  }
}
