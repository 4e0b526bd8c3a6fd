// SPDX-License-Identifier: Apache-2.0

import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Outcome } from "./etcdctl-process.ts";

const program = join(import.meta.dirname, "../../bin/etcdx");
const runMs = 60_000;

/** Runs our program, as somebody would at a shell. */
export function runEtcdx(words: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { encoding: "utf8", timeout: runMs } as const;
    execFile(process.execPath, [program, ...words], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      resolve({ status, stdout, stderr });
    });
  });
}
