// SPDX-License-Identifier: Apache-2.0
// Measures our server against etcd, row by row and in turn. See bench/README.md.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  distributionCommand,
  genuineCommand,
  resolveServer,
  type ServerCommand,
} from "../test/harness/server-command.ts";
import { h2loadGenerator, hasH2load } from "./h2load.ts";
import type { LoadGenerator } from "./load.ts";
import type { Plan } from "./measure.ts";
import { nodeGenerator } from "./node-generator.ts";
import { type Row, selectRows } from "./rows.ts";
import { type Contest, runRow } from "./run-rows.ts";
import { formatTable, type RowResult, smokeNotice } from "./table.ts";

const usage = `node bench/main.ts [options]
  --subject S     etcdx (default), etcd, distribution or a command line
  --against S     the reference, named the same way; without it only the subject runs
  --rows a,b      rows by the beginning of their name: put, range, range-serializable, txn
  --rounds N      bursts per row and server, the median counts (3)
  --seconds N     wished length of a burst (2.5)
  --generator G   h2load (default, one key) or node (random keys, bounded by the generator)
  --keys N        keys to choose from with the node generator (100000)
  --seed N        seed of that choice (1)
  --dir D         where the data directories go (the temporary directory)
  --smoke         every row once and tiny: checks the harness, measures nothing`;

interface Settings {
  readonly rows: readonly Row[];
  readonly contest: Contest;
  readonly isSmoke: boolean;
}

const keysDefault = "100000";
const smokeKeys = 500;
const smokeSeconds = 0.02;

function server(text: string): ServerCommand {
  const command = resolveServer(text);
  if (command === undefined) throw new Error(`the server ${JSON.stringify(text)} is not here`);
  return command;
}

/** Genuine 3.7.1 when it is built, otherwise the distribution's etcd under its own version. */
function reference(text: string | undefined): ServerCommand | undefined {
  if (text === undefined) return undefined;
  if (text !== "etcd" || genuineCommand() !== undefined) return server(text);
  const found = distributionCommand();
  if (found === undefined) throw new Error("no etcd here: run npm run interop:build");
  const version = spawnSync(found.words[0] ?? "", ["--version"], { encoding: "utf8" }).stdout;
  const number = /etcd Version: (\S+)/.exec(version)?.[1] ?? "unknown";
  console.log(`Go is missing: the reference is the distribution's etcd ${number}`);
  return { ...found, name: `etcd ${number} (distribution)` };
}

function generator(text: string): LoadGenerator {
  if (text === "node") return nodeGenerator;
  if (text !== "h2load") throw new Error(`no generator ${JSON.stringify(text)}\n${usage}`);
  if (!hasH2load()) throw new Error("h2load is missing (Debian: nghttp2-client)");
  return h2loadGenerator;
}

/** A small deterministic sequence in [0, 1), so that both servers get the same keys. */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

function settings(): Settings {
  const { values } = parseArgs({
    options: {
      subject: { type: "string", default: "etcdx" },
      against: { type: "string" },
      rows: { type: "string" },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "2.5" },
      generator: { type: "string", default: "h2load" },
      keys: { type: "string", default: keysDefault },
      seed: { type: "string", default: "1" },
      dir: { type: "string", default: tmpdir() },
      smoke: { type: "boolean", default: false },
    },
  });
  const chosen = generator(values.generator);
  const keys = values.smoke ? smokeKeys : Number(values.keys);
  const plan: Plan = {
    generator: chosen,
    seconds: values.smoke ? smokeSeconds : Number(values.seconds),
    keyCount: chosen === nodeGenerator ? keys : 1,
    random: sequence(Number(values.seed)),
  };
  const contest: Contest = {
    subject: server(values.subject),
    reference: reference(values.against),
    rounds: values.smoke ? 1 : Number(values.rounds),
    plan,
    parentDir: values.dir,
    onSample: (name, row, sample) =>
      console.log(
        `  ${row} ${name}: ${Math.round(sample.requestsPerSecond)} req/s, ` +
          `${sample.cpuMicrosPerRequest.toFixed(1)} µs CPU`,
      ),
  };
  return { rows: selectRows(values.rows), contest, isSmoke: values.smoke };
}

function machineLine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model ?? "unknown CPU"}, Node ${process.versions.node}`;
}

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    console.log(usage);
    return;
  }
  const { rows, contest, isSmoke } = settings();
  const { subject, reference: against, plan } = contest;
  const results: RowResult[] = [];
  for (const row of rows) results.push(await runRow(row, contest));
  const table = formatTable({ subject: subject.name, reference: against?.name }, results);
  const keys = plan.generator === nodeGenerator ? `${plan.keyCount} keys` : "one key";
  const head = `${machineLine()}; generator ${plan.generator.name}, ${keys}`;
  const date = new Date().toISOString();
  if (isSmoke) console.log(`\n${smokeNotice}`);
  console.log(`\n${date}; ${head}\n\n${table}`);
  const outDir = join(import.meta.dirname, "out");
  mkdirSync(outDir, { recursive: true });
  const names = { subject: subject.name, reference: against?.name };
  const report = { date, machine: head, ...names, results };
  const file = join(outDir, `${date.replaceAll(":", "-")}.json`);
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

await main();
