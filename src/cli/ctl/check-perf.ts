// SPDX-License-Identifier: Apache-2.0

import { type Client, RpcError } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { openSession } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { ProgressBar } from "../progress-bar.ts";
import { type LoadReport, PutLoad, SteadyPace } from "../put-load.ts";
import type { Terminal } from "../terminal.ts";
import {
  cleanUpDeadline,
  compactTo,
  defragmentAll,
  deletePrefix,
  errorLines,
  type LoadName,
  pickLoad,
  randomPuts,
  requireNoKeys,
  withClients,
} from "./check-load.ts";

/** How hard and how long to write. */
export interface PerfLoad {
  readonly perSecond: number;
  readonly clients: number;
  readonly seconds: number;
}

const loads: Readonly<Record<LoadName, PerfLoad>> = {
  s: { perSecond: 150, clients: 50, seconds: 60 },
  m: { perSecond: 1000, clients: 200, seconds: 60 },
  l: { perSecond: 8000, clients: 500, seconds: 60 },
  xl: { perSecond: 15_000, clients: 1000, seconds: 60 },
};

const SIZES = { keyBytes: 256, valueBytes: 1024 };

const THROUGHPUT_SHARE_MIN = 0.9;
const SLOWEST_SECONDS_MAX = 0.5;
const DEVIATION_SECONDS_MAX = 0.1;

export async function checkPerf(call: Call): Promise<number> {
  return runPerf(call, pickLoad(loads, call.values.text("load")));
}

export async function runPerf(call: Call, load: PerfLoad): Promise<number> {
  const { terminal, values } = call;
  const prefix = values.text("prefix");
  const session = await openSession(call);
  const report = await withClients(session, load.clients, terminal, async (clients) => {
    const durationMs = load.seconds * 1000;
    const shown = `'etcdctl del --prefix ${prefix}'`;
    const pace = new SteadyPace(load.perSecond, performance.now() + durationMs);
    await requireNoKeys(clients[0], prefix, shown, Date.now() + durationMs);
    const written = await write(clients, pace, load, call);
    await cleanUp(clients[0], call);
    return written;
  });
  if (values.bool("auto-defrag")) await defragmentAll(session, terminal);
  const { lines, passed } = perfVerdict(report, load.perSecond);
  terminal.out(lines.map((line) => `${line}\n`).join(""));
  return passed ? ExitCode.success : ExitCode.error;
}

/** Writes until the time is over, or somebody interrupts. */
async function write(
  clients: readonly Client[],
  pace: SteadyPace,
  load: PerfLoad,
  { terminal, values }: Call,
): Promise<LoadReport> {
  const bar = new ProgressBar(terminal, load.seconds);
  const steps = setInterval(() => bar.add(1), 1000);
  const interrupted = (): void => pace.stop();
  process.once("SIGINT", interrupted);
  try {
    return await new PutLoad(clients, randomPuts(values.text("prefix"), SIZES)).run(pace);
  } finally {
    process.removeListener("SIGINT", interrupted);
    clearInterval(steps);
    bar.finish();
  }
}

async function cleanUp(client: Client, { terminal, values }: Call): Promise<void> {
  const revision = await deleteKeys(client, values.text("prefix"), terminal);
  if (revision !== undefined && values.bool("auto-compact")) {
    await compactTo(client, revision, terminal);
  }
}

async function deleteKeys(
  client: Client,
  prefix: string,
  terminal: Terminal,
): Promise<number | undefined> {
  try {
    const { header } = await deletePrefix(client, prefix, cleanUpDeadline());
    return header?.revision ?? 0;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    terminal.out(`FAIL: Cleanup failed during key deletion: ERROR(${error.message})\n`);
    return undefined;
  }
}

/** What the figures mean, and the lines that say so. */
export function perfVerdict(
  report: LoadReport,
  perSecond: number,
): { readonly lines: readonly string[]; readonly passed: boolean } {
  const rate = report.count / report.seconds;
  const fast = rate / perSecond > THROUGHPUT_SHARE_MIN;
  const shown = Math.floor(rate) + 1;
  const [slowest, deviation] = [report.slowest.toFixed(6), report.deviation.toFixed(6)];
  const slow = report.slowest > SLOWEST_SECONDS_MAX;
  const uneven = report.deviation > DEVIATION_SECONDS_MAX;
  const passed = report.errors.size === 0 && fast && !slow && !uneven;
  const lines = [
    ...errorLines(report),
    fast ? `PASS: Throughput is ${shown} writes/s` : `FAIL: Throughput too low: ${shown} writes/s`,
    slow ? `Slowest request took too long: ${slowest}s` : `PASS: Slowest request took ${slowest}s`,
    uneven ? `Stddev too high: ${deviation}s` : `PASS: Stddev is ${deviation}s`,
    passed ? "PASS" : "FAIL",
  ];
  return { lines, passed };
}
