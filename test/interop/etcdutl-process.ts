// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "./etcdctl-process.ts";

const runMs = 60_000;

/** Genuine etcdutl 3.7.1, when `npm run interop:build` has built it. */
export function genuineEtcdutl(): string | undefined {
  return genuineProgram("etcdutl");
}

/** A program of etcd 3.7.1 by its name, when it is built. */
export function genuineProgram(name: string): string | undefined {
  const path = join(import.meta.dirname, "bin", name);
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

export function runEtcdutl(path: string, words: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(path, words, { encoding: "utf8", timeout: runMs });
  return { status, stdout, stderr };
}
