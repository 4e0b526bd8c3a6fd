// SPDX-License-Identifier: Apache-2.0
//
// npm run sim:mutants                             every mutation, up to 2,000 seeds each
// npm run sim:mutants -- --only "forget"          those whose name has this in it
// npm run sim:mutants -- --seeds 200 --jobs 1
//
// Puts one fault at a time into the engines and counts the seeds until a check notices. The texts
// are changed while a process of its own loads them: what is installed has no such switches.
// Ends with 1 when a mutation was not noticed, or does not fit the source any more.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { MUTATIONS, type Mutation } from "./mutations.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SEEDS_MAX = 2000;
const JOBS = 2;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    seeds: { type: "string", default: String(SEEDS_MAX) },
    jobs: { type: "string", default: String(JOBS) },
    /** In a child: the mutation to put in. */
    run: { type: "string" },
  },
});

/** What a child reports on its last line. */
interface Noticed {
  readonly seeds: number;
  readonly check: string;
  readonly seed: number;
}

/** The texts of the changed files. Throws when an edit does not fit exactly once. */
function mutatedFiles(mutation: Mutation): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { file, find, replace } of mutation.edits) {
    const path = join(ROOT, file);
    const text = texts.get(path) ?? readFileSync(path, "utf8");
    const parts = text.split(find);
    if (parts.length !== 2) {
      throw new Error(`"${mutation.name}" fits ${file} ${parts.length - 1} times: ${find}`);
    }
    texts.set(path, parts.join(replace));
  }
  return texts;
}

async function runChild(name: string): Promise<void> {
  const mutation = MUTATIONS.find((each) => each.name === name);
  if (mutation === undefined) throw new Error(`no mutation is called "${name}"`);
  const texts = mutatedFiles(mutation);
  registerHooks({
    load(url, context, next) {
      const text = url.startsWith("file:") ? texts.get(fileURLToPath(url)) : undefined;
      if (text === undefined) return next(url, context);
      return { format: "module-typescript", source: text, shortCircuit: true };
    },
  });
  const { simulate } = await import(pathToFileURL(join(import.meta.dirname, "world.ts")).href);
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const { failure, side } = await simulate({ seed });
    if (failure === undefined || side === "beyond") continue;
    console.log(JSON.stringify({ seeds: seed, check: failure.check, seed }));
    return;
  }
  console.log("null");
}

function runInChild(mutation: Mutation): Promise<Noticed | undefined> {
  const args = [fileURLToPath(import.meta.url), "--run", mutation.name, "--seeds", values.seeds];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => {
      if (code !== 0) failed(new Error(`"${mutation.name}" ended with ${code}`));
      else done(JSON.parse(output.trim().split("\n").at(-1) ?? "null") ?? undefined);
    });
  });
}

async function runAll(): Promise<void> {
  const chosen = MUTATIONS.filter(({ name }) => name.includes(values.only));
  const waiting = [...chosen];
  let unnoticed = 0;
  console.log("| mutation | seeds needed | noticed by |\n|---|---|---|");
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const noticed = await runInChild(next);
      if (noticed === undefined) unnoticed++;
      console.log(`| ${next.name} | ${noticed?.seeds ?? "never"} | ${noticed?.check ?? "–"} |`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  console.log(`${chosen.length - unnoticed} noticed, ${unnoticed} not noticed`);
  if (unnoticed > 0) process.exitCode = 1;
}

if (values.run === undefined) await runAll();
else await runChild(values.run);
