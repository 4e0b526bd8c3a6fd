// SPDX-License-Identifier: Apache-2.0

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LatencySummary, summarize } from "./latency.ts";
import type { LoadGenerator, LoadOrder, LoadResult } from "./load.ts";

/** What h2load prints about a run. */
export interface H2loadReport {
  readonly seconds: number;
  readonly done: number;
  readonly succeeded: number;
  /** Requests that failed, broke off or ran into a time limit. */
  readonly lost: number;
  readonly status2xx: number;
  /** Bytes of gRPC messages received; an answer that is only an error has none. */
  readonly dataBytes: number;
}

const unitSeconds: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60 };

function numberAfter(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`h2load printed nothing like ${pattern}:\n${text}`);
  return Number(found);
}

/** Reads h2load's summary. Throws when a line is missing. */
export function parseReport(text: string): H2loadReport {
  const time = /finished in ([\d.]+)(us|ms|s|m),/.exec(text);
  if (time === null) throw new Error(`h2load did not finish:\n${text}`);
  const requests = (word: string): number =>
    numberAfter(text, new RegExp(`^requests:.* (\\d+) ${word}`, "m"));
  return {
    seconds: Number(time[1]) * (unitSeconds[time[2] ?? ""] ?? Number.NaN),
    done: requests("done"),
    succeeded: requests("succeeded"),
    lost: requests("failed") + requests("errored") + requests("timeout"),
    status2xx: numberAfter(text, /^status codes: (\d+) 2xx/m),
    dataBytes: numberAfter(text, /^traffic: .*\((\d+)\) data/m),
  };
}

/** Reads the latencies of h2load's log: start, HTTP status and microseconds, split by tabs. */
export function parseLog(text: string): LatencySummary {
  const lines = text.split("\n").filter((line) => line !== "");
  const micros = new Float64Array(lines.length);
  lines.forEach((line, index) => {
    const fields = line.split("\t");
    if (fields[1] !== "200") throw new Error(`h2load logged a request that failed: ${line}`);
    micros[index] = Number(fields[2]);
  });
  return summarize(micros);
}

export function hasH2load(): boolean {
  return spawnSync("h2load", ["--version"]).status === 0;
}

function h2load(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("h2load", args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    const keep = (part: string): void => {
      text += part;
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`h2load ended with ${code}:\n${text}`));
    });
  });
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const dir = mkdtempSync(join(tmpdir(), "etcdx-h2load-"));
  try {
    const body = join(dir, "body");
    const log = join(dir, "log");
    // One body per run is all that h2load takes, so every request names the same key.
    writeFileSync(body, order.frameAt(0));
    const { connections, inFlight } = order.shape;
    const flags = [`-n${order.count}`, `-c${connections}`, `-m${inFlight}`, "-t1", `-d${body}`];
    const headers = ["-H", "content-type: application/grpc", "-H", "te: trailers"];
    const url = `http://127.0.0.1:${order.port}${order.path}`;
    const report = parseReport(await h2load([...flags, ...headers, `--log-file=${log}`, url]));
    const latency = parseLog(readFileSync(log, "utf8"));
    const isWhole = [report.done, report.succeeded, report.status2xx, latency.count].every(
      (count) => count === order.count,
    );
    const isAnswered = report.dataBytes >= order.count * order.answerBytesMin;
    if (!isWhole || !isAnswered || report.lost !== 0) {
      throw new Error(`h2load lost requests: ${JSON.stringify({ ...report, ...latency })}`);
    }
    return { seconds: report.seconds, latency };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Load from nghttp2's h2load: a fixed key, every request of a run alike. */
export const h2loadGenerator: LoadGenerator = { name: "h2load", run };
