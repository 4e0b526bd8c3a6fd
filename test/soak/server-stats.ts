// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import type { ServerProcess } from "../harness/server-process.ts";

/** What the server's process holds at one moment, in MiB (Linux). */
export interface Memory {
  readonly resident: number;
  /** The part that is the process's own; the rest are pages of files, the store above all. */
  readonly anonymous: number;
}

export function memoryOf(server: ServerProcess): Memory {
  const text = readFileSync(`/proc/${server.pid}/status`, "latin1");
  const mebibytes = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
    if (found?.[1] === undefined) throw new Error(`/proc/${server.pid}/status has no ${name}`);
    return Number(found[1]) / 1024;
  };
  return { resident: mebibytes("VmRSS"), anonymous: mebibytes("RssAnon") };
}

/** Milliseconds; undefined for a server without this metric. */
export async function loopDelayP99Ms(server: ServerProcess): Promise<number | undefined> {
  const answer = await fetch(`${server.url}/metrics`);
  const text = await answer.text();
  const found = /^etcdx_event_loop_delay_seconds\{quantile="0\.99"\} (\S+)$/m.exec(text);
  return found?.[1] === undefined ? undefined : Number(found[1]) * 1000;
}
