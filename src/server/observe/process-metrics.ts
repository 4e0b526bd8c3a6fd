// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import type { Clock } from "../../base/contracts/clock.ts";
import type { MetricRegistry } from "./metrics.ts";

/** Reads a file of `/proc/self`; undefined where there is none. */
export type ReadProc = (name: string) => string | undefined;

const PAGE_BYTES = 4096;
/** Longer than a scrape takes, shorter than the time between two. */
const SCRAPE_MS = 200;

export function readProcSelf(name: string): string | undefined {
  try {
    return readFileSync(`/proc/self/${name}`, "utf8");
  } catch {
    // Not Linux: the metrics that need it then read 0.
    return undefined;
  }
}

function countOpenFiles(): number {
  try {
    // One of them is the directory being read.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return 0;
  }
}

/** Reads what several metrics of one scrape are made of once, and anew for the next scrape. */
function forAWhile<T>(clock: Clock, read: () => T): () => T {
  let last: { readonly value: T; readonly untilMs: number } | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (last === undefined || nowMs >= last.untilMs) {
      last = { value: read(), untilMs: nowMs + SCRAPE_MS };
    }
    return last.value;
  };
}

/** The metrics of the process itself, as Prometheus' Go client names them, and etcd's `os_fd_*`. */
export function collectProcessMetrics(
  registry: MetricRegistry,
  clock: Clock,
  readProc: ReadProc = readProcSelf,
): void {
  const startedSeconds = clock.unixMs() / 1000 - process.uptime();
  const limits = forAWhile(clock, () => readProc("limits") ?? "");
  const traffic = forAWhile(clock, () => readProc("net/dev") ?? "");
  const openFiles = forAWhile(clock, countOpenFiles);
  const limit = (label: string): number => parseLimit(limits(), label);
  const network = (column: number): number => sumNetwork(traffic(), column);
  const pages = (column: number): number =>
    Number((readProc("statm") ?? "").split(" ")[column] ?? 0) * PAGE_BYTES;
  registry.collect("process_cpu_seconds_total", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  registry.collect("process_resident_memory_bytes", () => process.memoryUsage.rss());
  registry.collect("process_virtual_memory_bytes", () => pages(0));
  registry.collect("process_virtual_memory_max_bytes", () => limit("Max address space"));
  registry.collect("process_start_time_seconds", () => startedSeconds);
  registry.collect("process_open_fds", openFiles);
  registry.collect("os_fd_used", openFiles);
  registry.collect("process_max_fds", () => limit("Max open files"));
  registry.collect("os_fd_limit", () => limit("Max open files"));
  registry.collect("process_network_receive_bytes_total", () => network(0));
  registry.collect("process_network_transmit_bytes_total", () => network(8));
}

const UNLIMITED = 2 ** 64;

/** The soft limit of a row of `/proc/self/limits`; no limit is the largest 64-bit number. */
export function parseLimit(text: string, label: string): number {
  const row = text.split("\n").find((line) => line.startsWith(label));
  const soft = row?.slice(label.length).trim().split(/\s+/)[0];
  if (soft === undefined) return 0;
  return soft === "unlimited" ? UNLIMITED : Number(soft);
}

/** Sums a column of `/proc/self/net/dev` over all interfaces, the loopback included. */
export function sumNetwork(text: string, column: number): number {
  let sum = 0;
  for (const line of text.split("\n").slice(2)) {
    const values = line.split(":")[1]?.trim().split(/\s+/);
    sum += Number(values?.[column] ?? 0);
  }
  return sum;
}
