// SPDX-License-Identifier: Apache-2.0
//
// What the raft engine costs per entry, from the proposal to the apply, storage and network being
// memory; beside it, when `npm run interop:build` has built it, the same steps through Go's RawNode.
// Run with `node --expose-gc bench/micro/raft.bench.ts [entries]`. Times are CPU microseconds of
// the whole process, collector included. Without entries the heap is watched over ten million.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BenchGroup } from "./raft-loop.ts";

const GO_PROGRAM = join(import.meta.dirname, "../../test/interop/bin/raftbench");
const ENTRIES = 2_000_000;
const HEAP_ENTRIES = 10_000_000;
const HEAP_STEPS = 5;
const RULER_STEPS = 200_000_000;

interface Row {
  readonly name: string;
  readonly members: number;
  readonly atOnce: number;
  readonly onlyLeader: boolean;
}

/** The Go program prints rows of the same names. */
const ROWS: readonly Row[] = [
  { name: "one voter, 1 at once", members: 1, atOnce: 1, onlyLeader: false },
  { name: "one voter, 64 at once", members: 1, atOnce: 64, onlyLeader: false },
  { name: "three voters, leader, 1 at once", members: 3, atOnce: 1, onlyLeader: true },
  { name: "three voters, leader, 64 at once", members: 3, atOnce: 64, onlyLeader: true },
  { name: "three voters, all three, 64 at once", members: 3, atOnce: 64, onlyLeader: false },
];

export interface RaftFigures {
  readonly row: string;
  readonly micros: number;
  readonly checksum: number;
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function measure(row: Row, entries: number): RaftFigures {
  const group = new BenchGroup(row.members);
  if (row.onlyLeader) group.imagineFollowers();
  group.run(Math.ceil(entries / 4), row.atOnce);
  const start = cpuMicros();
  group.run(entries, row.atOnce);
  const micros = (cpuMicros() - start) / entries;
  return { row: row.name, micros, checksum: group.leader.checksum };
}

/** How fast the machine is now: dependent multiplications, a good four cycles each. */
function rulerNanos(): number {
  let state = 1;
  const start = process.threadCpuUsage();
  for (let i = 0; i < RULER_STEPS; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  const { user } = process.threadCpuUsage(start);
  return state === 0 ? Number.NaN : (user * 1000) / RULER_STEPS;
}

function goFigures(entries: number): ReadonlyMap<string, number> {
  if (!existsSync(GO_PROGRAM)) return new Map();
  const { stdout } = spawnSync(GO_PROGRAM, [String(entries)], { encoding: "utf8" });
  const lines = stdout.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.split("\t")[0] ?? "", Number(line.split("\t")[1])]));
}

/** Measures every row. */
export function runRaftBench(entries: number): readonly RaftFigures[] {
  return ROWS.map((row) => measure(row, entries));
}

/** The used bytes of the heap at equal steps through a run of so many entries, after collection. */
export function heapOverEntries(entries: number, steps: number, collect: () => void): number[] {
  const group = new BenchGroup(3);
  group.imagineFollowers();
  const used: number[] = [];
  for (let step = 0; step < steps; step++) {
    group.run(entries / steps, 64);
    collect();
    used.push(process.memoryUsage().heapUsed);
  }
  return used;
}

function main(): void {
  const entries = Number(process.argv[2] ?? ENTRIES);
  console.log(`integer loop: ${rulerNanos().toFixed(2)} ns a step`);
  const ours = runRaftBench(entries);
  const go = goFigures(entries);
  console.log("| µs of CPU per entry | etcdx | Go's raft | ratio |\n| --- | --: | --: | --: |");
  for (const { row, micros } of ours) {
    const other = go.get(row);
    const cells =
      other === undefined ? ["", ""] : [other.toFixed(2), `${(micros / other).toFixed(2)}×`];
    console.log(`| ${row} | ${micros.toFixed(2)} | ${cells.join(" | ")} |`);
  }
  console.log(`checksum ${ours.reduce((sum, { checksum }) => sum + checksum, 0)}`);
  console.log(`integer loop: ${rulerNanos().toFixed(2)} ns a step`);
  const { gc } = globalThis;
  if (process.argv[2] !== undefined || gc === undefined) return;
  const used = heapOverEntries(HEAP_ENTRIES, HEAP_STEPS, () => gc());
  const megabytes = used.map((bytes) => (bytes / 1e6).toFixed(2));
  console.log(`heap over ${HEAP_ENTRIES} entries, MB: ${megabytes.join(" ")}`);
}

if (import.meta.main) main();
