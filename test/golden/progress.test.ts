// SPDX-License-Identifier: Apache-2.0
//
// Long work on files shows on a terminal how far it has come, and takes that away; nowhere else,
// and not where a program of etcd is expected. The clock runs a moment per look at it.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { runProgram } from "../../src/cli/program.ts";
import { utilProgram } from "../../src/commands/util/index.ts";
import { KeyHistory } from "../../src/core/etcd-db/testing/key-history.ts";
import { sampleOf } from "../harness/thorough.ts";
import { MemoryTerminal } from "./run-ctl.ts";

const TIMEOUT_MS = 120_000;
const LOOK_MS = 90;
/** Several of the pieces in which files are read and written. */
const CHANGES = 3000;
const VALUE = "v".repeat(5000);

class Screen extends MemoryTerminal {
  readonly #shows: "all" | "errors";
  constructor(shows: "all" | "errors") {
    super();
    this.#shows = shows;
  }
  override errorColumns(): number {
    return 100;
  }
  override outIsTerminal(): boolean {
    return this.#shows === "all";
  }
}

/** What begins each drawing of the line. */
const CLEAR_LINE = "\r\u001b[K";
const PROGRESS = /^\d[\d.]* \w+ of \d[\d.]* MB, \d+%, \d[\d.]* \w+\/s, \d+s left$/;

/** The lines that were drawn, the last one as it stays. */
function drawn({ stderr }: MemoryTerminal): readonly string[] {
  return stderr.split(CLEAR_LINE).slice(1);
}

const folder = mkdtempSync(join(tmpdir(), "etcdx-progress-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  rmSync(join(folder, "made"), { recursive: true, force: true });
  mkdirSync(join(folder, "made"));
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    nowMs += LOOK_MS;
    return nowMs;
  });
  return () => void vi.restoreAllMocks();
});

/** A snapshot, and members made of it. */
async function makeFiles(): Promise<void> {
  const made = new KeyHistory();
  for (let at = 0; at < CHANGES; at++) made.change([[`key/${at}`, VALUE]]);
  const { bytes } = made.file({ isFinished: true });
  const trailer = createHash("sha256").update(bytes).digest();
  writeFileSync(join(folder, "s.db"), Buffer.concat([bytes, trailer]));
}

async function run(line: string, terminal: MemoryTerminal, isExact = false): Promise<number> {
  const words = line.split(" ").map((word) => word.replace("D/", `${folder}/`));
  return runProgram({ ...utilProgram, isExact }, words, { environment: {}, terminal });
}

const RESTORE = "snapshot restore D/s.db --data-dir";
const OF_ETCD = ["snapshot status D/s.db", "hashkv D/s.db", `${RESTORE} D/made/x`];
const BUILT = [
  "export --data-dir D/own --to D/made/y",
  "defrag --data-dir D/go",
  "defrag --data-dir D/own",
];
const READ = ["own", "go"].flatMap((member) => [
  `check --data-dir D/${member}`,
  `wal verify --data-dir D/${member}`,
  `wal repair --data-dir D/${member}`,
  `db get-hash D/${member}`,
]);
const ROWS = ["wal dump --data-dir D/own", "db iterate-bucket D/go key", "db scan-keys D/own 0"];
/** A log of a few records is read at once. */
const isShort = (line: string): boolean => line.startsWith("wal");

async function makeMembers(): Promise<void> {
  await makeFiles();
  for (const [name, format] of [
    ["own", "etcdx"],
    ["go", "go"],
  ]) {
    const line = `${RESTORE} D/${name} --format ${format}`;
    expect(await run(line, new MemoryTerminal())).toBe(0);
  }
}

describe("how far long work has come", { timeout: TIMEOUT_MS }, () => {
  beforeAll(makeMembers, TIMEOUT_MS);

  test("is shown and taken away again", async () => {
    for (const line of [...OF_ETCD, ...BUILT, ...sampleOf(READ, 6), ...sampleOf(ROWS, 4)]) {
      const screen = new Screen("errors");
      expect(await run(line, screen), line).toBe(0);
      const [first, ...later] = drawn(screen);
      if (!isShort(line)) expect(first, line).toMatch(PROGRESS);
      expect(later.at(-1) ?? "", line).not.toContain("left");
      expect(screen.stdout, line).not.toContain("\u001b");
    }
  });

  test("is not shown between rows on the same terminal", async () => {
    for (const line of sampleOf(ROWS, 4)) {
      const screen = new Screen("all");
      expect(await run(line, screen)).toBe(0);
      expect(screen.stderr).toBe("");
    }
    const status = new Screen("all");
    expect(await run("snapshot status D/s.db", status)).toBe(0);
    expect(drawn(status)[0]).toMatch(PROGRESS);
  });

  test("is not shown where etcdutl shows nothing", async () => {
    for (const line of [...OF_ETCD, "defrag --data-dir D/go"]) {
      const screen = new Screen("errors");
      expect(await run(line, screen, true)).toBe(0);
      expect(screen.stderr, line).not.toContain("\u001b");
    }
    const own = new Screen("errors");
    expect(await run("check --data-dir D/own", own, true)).toBe(0);
    expect(drawn(own)[0]).toMatch(PROGRESS);
  });

  test("is not shown without a terminal", async () => {
    for (const line of ["snapshot status D/s.db", ...BUILT, "check --data-dir D/go"]) {
      const terminal = new MemoryTerminal();
      expect(await run(line, terminal)).toBe(0);
      expect(terminal.stderr, line).not.toContain("\u001b");
    }
  });
});
