// SPDX-License-Identifier: Apache-2.0
//
// SIGINT and SIGTERM to the real program while it builds something: it ends as the signal says,
// the source is as it was, and there is a whole target or none, with nothing beside it.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { beforeEach, describe, expect, test } from "vitest";
import { MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import { BoltReader, checkBolt } from "../../src/core/bolt/index.ts";
import { databaseStatus } from "../../src/core/etcd-db/index.ts";
import { KeyHistory } from "../../src/core/etcd-db/testing/key-history.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough, sampleOf } from "../harness/thorough.ts";

const program = join(import.meta.dirname, "../../bin/etcdx");
const TIMEOUT_MS = 120_000;
const CHANGES = 4000;

let folder = "";

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly log: string;
}

class Working {
  readonly #child: ChildProcess;
  readonly #ended: Promise<End>;
  readonly #lines = new Set<() => void>();
  #log = "";

  constructor(words: readonly string[]) {
    this.#child = spawn(process.execPath, [program, ...words], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
      for (const look of this.#lines) look();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => resolve({ code, signal, log: this.#log }));
    });
  }

  /** Waits until the text is in its log. */
  async logged(text: string): Promise<void> {
    const found = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.#log.includes(text)) found.resolve();
    };
    this.#lines.add(look);
    look();
    await Promise.race([found.promise, this.#ended]);
    expect(this.#log).toContain(text);
  }

  end(signal?: NodeJS.Signals): Promise<End> {
    if (signal !== undefined) this.#child.kill(signal);
    return this.#ended;
  }
}

const util = (line: string) =>
  new Working(["util", ...line.split(" ").map((word) => word.replace("D/", `${folder}/`))]);

/** Names and sums of all files below a path. */
function contents(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "lock.mdb")
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return `${file} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`;
    })
    .sort();
}

/** A snapshot, and a member of each kind made of it. */
async function makeSources(): Promise<void> {
  const made = new KeyHistory();
  for (let at = 0; at < CHANGES; at++) made.change([[`key/${at}`, "v".repeat(4000)]]);
  const { bytes } = made.file({ isFinished: true });
  const trailer = createHash("sha256").update(bytes).digest();
  writeFileSync(join(folder, "s.db"), Buffer.concat([bytes, trailer]));
  for (const [name, format] of [
    ["own", "etcdx"],
    ["go", "go"],
  ]) {
    const line = `snapshot restore D/s.db --data-dir D/${name} --format ${format}`;
    expect(await util(line).end()).toMatchObject({ code: 0 });
  }
}

beforeEach(() => {
  folder = tempDir();
});

const works = [
  ["snapshot restore D/s.db --data-dir D/target", "restoring snapshot"],
  ["snapshot restore D/s.db --data-dir D/target --wal-dir D/log", "restoring snapshot"],
  ["snapshot restore D/s.db --data-dir D/target --format go", "restoring snapshot"],
  ["export --data-dir D/own --to D/target", "exporting data directory"],
  ["defrag --data-dir D/go", "defragmenting"],
  ["defrag --data-dir D/own", "defragmenting"],
] as const;

describe("what is interrupted", { timeout: TIMEOUT_MS }, () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "by %s leaves its sources, and nothing else",
    async (signal) => {
      await makeSources();
      const before = contents(folder);
      // What differs between the signals does not differ between the works.
      for (const [line, begun] of sampleOf(works, signal === "SIGINT" ? 3 : works.length)) {
        const working = util(line);
        await working.logged(begun);
        const end = await working.end(signal);
        expect(end, line).toMatchObject({ code: null, signal });
        expect(end.log, line).not.toContain("    at ");
        expect(contents(folder), line).toEqual(before);
        expect(readdirSync(folder).sort()).toEqual(["go", "own", "s.db"]);
      }
    },
  );

  test("is done by the next run", async () => {
    await makeSources();
    const [[line, begun]] = works;
    const working = util(line);
    await working.logged(begun);
    await working.end("SIGINT");
    expect(await util(line).end()).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, "target/member/snap/store.lmdb/data.mdb"))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["go", "own", "s.db", "target"]);
  });
});

const MIGRATIONS = isThorough ? 6 : 2;
/** About what a start and a migration take together. */
const MIGRATION_MS = 900;

test(
  "a migration that is interrupted has changed the version or not, and nothing else",
  async () => {
    await makeSources();
    const path = join(folder, "go/member/snap/db");
    const statusOf = () => {
      const file = new NodeDisk().open(path, "read");
      const reader = new BoltReader(file);
      expect(checkBolt(reader).findings).toEqual([]);
      const { version, revision, totalKeys } = databaseStatus(reader);
      file.close();
      return { version, rest: [revision, totalKeys] };
    };
    const { rest } = statusOf();
    for (let at = 0; at < MIGRATIONS; at++) {
      const target = at % 2 === 0 ? "3.6" : "3.7";
      const working = util(`migrate --data-dir D/go --target-version ${target}`);
      await delay(((at + 1) * MIGRATION_MS) / MIGRATIONS);
      await working.end("SIGINT");
      const now = statusOf();
      expect(["3.6.0", "3.7.0"]).toContain(now.version);
      expect(now.rest).toEqual(rest);
    }
    expect(await util("migrate --data-dir D/go --target-version 3.6").end()).toMatchObject({
      code: 0,
    });
    expect(statusOf()).toEqual({ version: "3.6.0", rest });
  },
  TIMEOUT_MS,
);

/** A server that begins a snapshot and never ends it. */
async function endlessServer(): Promise<{ readonly endpoint: string; stop(): void }> {
  const server = new grpc.Server();
  const { path, request, response } = MaintenanceService.snapshot;
  const send = (call: grpc.ServerWritableStream<unknown, Buffer>): void => {
    call.write(Buffer.from(response.encode({ blob: new Uint8Array(5000), remainingBytes: 9000 })));
  };
  server.addService(
    {
      snapshot: {
        ...{ path, requestStream: false, responseStream: true },
        requestSerialize: (value: Buffer) => value,
        requestDeserialize: (bytes: Buffer) => request.decode(bytes),
        responseSerialize: (value: Buffer) => value,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    { snapshot: send },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { endpoint: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

test.each([undefined, "the old one"])(
  "a snapshot that is interrupted while it is saved leaves what was there: %s",
  async (old) => {
    const server = await endlessServer();
    try {
      const path = join(folder, "a.db");
      if (old !== undefined) writeFileSync(path, old);
      const words = ["ctl", "--endpoints", server.endpoint, "snapshot", "save", path];
      const working = new Working(words);
      await working.logged('"fetching snapshot"');
      const end = await working.end("SIGINT");
      expect(end.code).not.toBe(0);
      expect(end.log).not.toContain("    at ");
      expect(readdirSync(folder)).toEqual(old === undefined ? [] : ["a.db"]);
      if (old !== undefined) expect(readFileSync(path, "utf8")).toBe(old);
    } finally {
      server.stop();
    }
  },
  TIMEOUT_MS,
);
