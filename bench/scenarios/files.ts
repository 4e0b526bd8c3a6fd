// SPDX-License-Identifier: Apache-2.0

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerCommand } from "../../test/harness/server-command.ts";
import { ServerProcess } from "../../test/harness/server-process.ts";
import type { LatencySummary } from "../latency.ts";
import { runProgram } from "../run-program.ts";
import { writeSnapshot } from "../snapshot-file.ts";
import type { Bout, Figure, Scenario, Size } from "./scenario.ts";
import { putsUntil } from "./steady-load.ts";

const load = { connections: 10, inFlight: 1 };

/** The programs that go with a server. */
interface Tools {
  readonly util: readonly string[];
  readonly ctl: readonly string[];
  /** Flags of a restore that makes a directory for Go etcd. */
  readonly goFormat: readonly string[];
}

function toolsOf({ words }: ServerCommand): Tools {
  const [program = ""] = words;
  const own = words.slice(0, -1);
  if (words.at(-1) === "server") {
    return { util: [...own, "util"], ctl: [...own, "ctl"], goFormat: ["--format=go"] };
  }
  const beside = (name: string): string[] => [join(dirname(program), name)];
  return { util: beside("etcdutl"), ctl: beside("etcdctl"), goFormat: [] };
}

const millis = (row: string, value: number): Figure => ({ row, value, unit: "ms", wants: "less" });

function resident(row: string, value: number): Figure {
  return { row, value, unit: "MB", wants: "less" };
}

/** A snapshot of many keys in a folder of its own, and the tools to work on it. */
class FilesBout {
  readonly folder: string;
  readonly snapshot: string;
  readonly tools: Tools;

  constructor(command: ServerCommand, size: Size) {
    this.folder = mkdtempSync(join(size.parentDir, "etcdx-bench-files-"));
    this.snapshot = join(this.folder, "snapshot.db");
    this.tools = toolsOf(command);
    writeSnapshot(this.snapshot, size.keys);
  }

  path(name: string): string {
    const path = join(this.folder, name);
    rmSync(path, { recursive: true, force: true });
    return path;
  }

  restore(target: string, flags: readonly string[] = []): ReturnType<typeof runProgram> {
    const words = ["snapshot", "restore", this.snapshot, "--data-dir", target];
    return runProgram([...this.tools.util, ...words, ...flags]);
  }

  dispose(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    return Promise.resolve();
  }
}

class OfflineBout extends FilesBout implements Bout {
  async round(): Promise<readonly Figure[]> {
    const own = await this.restore(this.path("own"));
    const go = await this.restore(this.path("go"), this.tools.goFormat);
    const util = this.tools.util;
    const status = await runProgram([...util, "snapshot", "status", this.snapshot]);
    // Genuine etcdutl changes the file that it hashes.
    const copy = this.path("copy.db");
    cpSync(this.snapshot, copy);
    const hash = await runProgram([...util, "hashkv", copy]);
    return [
      millis("snapshot restore", own.millis),
      resident("snapshot restore: resident", own.residentMegabytes),
      millis("snapshot restore for Go etcd", go.millis),
      resident("snapshot restore for Go etcd: resident", go.residentMegabytes),
      millis("snapshot status", status.millis),
      millis("hashkv", hash.millis),
    ];
  }
}

/** A directory as Go etcd has it, started on again and again. */
class StartBout extends FilesBout implements Bout {
  readonly #command: ServerCommand;
  readonly #original: string;
  readonly #seconds: number;
  readonly #keys: number;

  constructor(command: ServerCommand, size: Size) {
    super(command, size);
    this.#command = command;
    this.#original = join(this.folder, "original");
    this.#seconds = size.seconds;
    this.#keys = size.keys;
  }

  async prepare(): Promise<this> {
    await this.restore(this.#original, this.tools.goFormat);
    return this;
  }

  async round(): Promise<readonly Figure[]> {
    const dataDir = this.path("data");
    cpSync(this.#original, dataDir, { recursive: true });
    const first = await this.#start(dataDir);
    await first.server.kill("SIGKILL");
    const again = await this.#start(dataDir);
    try {
      const { save, before, meanwhile } = await this.#save(again.server);
      return [
        millis("first start on a directory of Go etcd", first.millis),
        millis("the start after it", again.millis),
        millis("snapshot save under load", save),
        millis("put p99 before", before.p99Micros / 1000),
        millis("put p99 during the save", meanwhile.p99Micros / 1000),
        {
          row: "put p99 during the save over before",
          value: meanwhile.p99Micros / before.p99Micros,
          unit: "×",
          wants: "less",
        },
      ];
    } finally {
      await again.server.kill("SIGKILL");
    }
  }

  async #start(dataDir: string): Promise<{ server: ServerProcess; millis: number }> {
    const startMs = performance.now();
    const server = await ServerProcess.start(this.#command, { dataDir });
    return { server, millis: performance.now() - startMs };
  }

  async #save(
    server: ServerProcess,
  ): Promise<{ save: number; before: LatencySummary; meanwhile: LatencySummary }> {
    const before = await putsUntil(server, load, this.#keys, delay(this.#seconds * 1000));
    const target = this.path("saved.db");
    const words = ["snapshot", "save", target, `--endpoints=${server.url}`];
    let save = 0;
    const saved = runProgram([...this.tools.ctl, ...words]).then((run) => {
      save = run.millis;
    });
    const meanwhile = await putsUntil(server, load, this.#keys, saved);
    return { save, before, meanwhile };
  }
}

/** What the offline tools take for a snapshot of a million keys. */
export const offline: Scenario = {
  name: "offline",
  asked: {
    "snapshot restore": "≤ 1.2×",
    "snapshot restore: resident": "≤ 150 MB",
    "snapshot restore for Go etcd": "≤ 1.2×",
    "snapshot restore for Go etcd: resident": "≤ 150 MB",
    "snapshot status": "≤ 1.5×",
    hashkv: "≤ 1.5×",
  },
  open: (command, size) => Promise.resolve(new OfflineBout(command, size)),
};

/** A directory of Go etcd is taken over, killed, started on again and saved under load. */
export const files: Scenario = {
  name: "files",
  asked: {
    "first start on a directory of Go etcd": "≤ 10 s",
    "snapshot save under load": "≤ 1.0×",
    "put p99 during the save over before": "≤ 1.5",
  },
  open: (command, size) => new StartBout(command, size).prepare(),
};
