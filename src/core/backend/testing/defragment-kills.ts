// SPDX-License-Identifier: Apache-2.0
//
// Kills a process that defragments its store under load, many times, and looks at what is left:
//
//   node src/core/backend/testing/defragment-kills.ts 200 [seed]

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openLmdbBackend } from "../index.ts";
import { compactingDirectory } from "../lmdb-compaction.ts";
import { defragmentFaults } from "./defragment-entry.ts";

const CHILD = fileURLToPath(new URL("defragment-child.ts", import.meta.url));
/** About as long as it takes to defragment the store of the child. */
const DELAY_MS_MAX = 300;

export interface KillTally {
  kills: number;
  defragmentations: number;
  /** Kills that came while there was a copy. */
  duringCopy: number;
  entries: number;
}

/** Starts the child, kills it a while after its first defragmentation, gives what it reported. */
async function runAndKill(
  store: string,
  delayMs: number,
): Promise<{ reported: number; defragmentations: number }> {
  const child = spawn(process.execPath, [CHILD, store], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on("exit", (_code, signal) => resolve(signal));
  });
  let reported = 0;
  let defragmentations = 0;
  let timer: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== "defragmented") reported = Number(line);
    else if (++defragmentations === 1) {
      timer = setTimeout(() => child.kill("SIGKILL"), delayMs);
    }
  }
  clearTimeout(timer);
  const signal = await ended;
  if (signal !== "SIGKILL") throw new Error("the child ended by itself");
  return { reported, defragmentations };
}

/** Throws at the first store that is not what it should be. */
export async function killDefragmentations(kills: number, seed: number): Promise<KillTally> {
  const directory = mkdtempSync(join(tmpdir(), "defragment-kills-"));
  const store = join(directory, "store.lmdb");
  const tally: KillTally = { kills: 0, defragmentations: 0, duringCopy: 0, entries: 0 };
  let state = seed;
  for (; tally.kills < kills; tally.kills++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const { reported, defragmentations } = await runAndKill(store, (state >>> 8) % DELAY_MS_MAX);
    tally.defragmentations += defragmentations;
    if (existsSync(compactingDirectory(store))) tally.duringCopy++;
    const backend = await openLmdbBackend(store);
    const { consistentIndex } = backend.boundary;
    const faults = defragmentFaults(backend);
    await backend.close();
    if (consistentIndex < reported) faults.push(`${reported} was reported, not ${consistentIndex}`);
    if (existsSync(compactingDirectory(store))) faults.push("the copy is still there");
    if (faults.length > 0) {
      const text = `kill ${tally.kills} of seed ${seed}, ${store} is kept`;
      throw new Error(`${text}: ${faults.join("; ")}`);
    }
    tally.entries = consistentIndex;
  }
  rmSync(directory, { recursive: true });
  return tally;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kills = Number(process.argv[2] ?? 200);
  const seed = Number(process.argv[3] ?? 1);
  console.log(JSON.stringify(await killDefragmentations(kills, seed)));
}
