// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const watchWaitMs = 30_000;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An etcdctl that is not ours. */
export interface EtcdctlProgram {
  readonly name: string;
  readonly path: string;
  /** Alarms are asked for by `endpoint health` since 3.5. */
  readonly asksForAlarms: boolean;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** etcdctl 3.7.1, when it is built, and the distribution's, when it is installed. */
export function foreignEtcdctls(): EtcdctlProgram[] {
  const built = join(import.meta.dirname, "bin/etcdctl");
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const installed = folders
    .filter((folder) => !folder.includes("node_modules"))
    .map((folder) => join(folder, "etcdctl"))
    .find(isExecutable);
  const programs: EtcdctlProgram[] = [];
  if (isExecutable(built))
    programs.push({ name: "etcdctl 3.7.1", path: built, asksForAlarms: true });
  if (installed !== undefined) {
    programs.push({ name: "the distribution's etcdctl", path: installed, asksForAlarms: false });
  }
  return programs;
}

/** Runs one etcdctl against one endpoint. */
export class Etcdctl {
  readonly #path: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(program: EtcdctlProgram, endpoint: string) {
    this.#path = program.path;
    this.#env = { ...process.env, ETCDCTL_ENDPOINTS: endpoint };
  }

  run(words: readonly string[], input = ""): Outcome {
    const options = { env: this.#env, input, encoding: "utf8", timeout: 60_000 } as const;
    const { status, stdout, stderr, error } = spawnSync(this.#path, words, options);
    if (error !== undefined) throw error;
    return { status, stdout, stderr };
  }

  /** Starts a watch that the caller stops. */
  watch(words: readonly string[]): EtcdctlWatch {
    const child = spawn(this.#path, ["watch", ...words], { env: this.#env });
    return new EtcdctlWatch(child);
  }
}

/** A running `etcdctl watch`. */
export class EtcdctlWatch {
  readonly #child: ChildProcess;
  #output = "";
  #wake: () => void = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#wake();
    });
    child.stdin?.end();
  }

  /** The output once it holds `part`. */
  async until(part: string): Promise<string> {
    const late = AbortSignal.timeout(watchWaitMs);
    while (!this.#output.includes(part)) {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        late.addEventListener("abort", () =>
          reject(new Error(`etcdctl watch printed ${JSON.stringify(this.#output)}`)),
        );
      });
    }
    return this.#output;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
