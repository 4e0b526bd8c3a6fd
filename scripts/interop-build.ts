// SPDX-License-Identifier: Apache-2.0
// Builds the genuine etcd programs from their published Go modules into test/interop/bin, and a
// program of ours that measures Go's raft. They are run by the conformance cases, the ledger and
// the benchmarks, never linked or copied.
// Without Go it says so and ends well, unless --require is given. With --older also etcd 3.5 and 3.6.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const interopDir = join(import.meta.dirname, "../test/interop");
const binDir = join(interopDir, "bin");

/** A Go module and the programs that are built from it: name to the package that is its main. */
interface Build {
  readonly folder: string;
  readonly programs: Readonly<Record<string, string>>;
  /** Files of the module that the result depends on. */
  readonly sources: readonly string[];
}

const current: Build = {
  folder: "go",
  programs: {
    etcd: "go.etcd.io/etcd/server/v3",
    etcdctl: "go.etcd.io/etcd/etcdctl/v3",
    etcdutl: "go.etcd.io/etcd/etcdutl/v3",
    "etcd-dump-db": "go.etcd.io/etcd/v3/tools/etcd-dump-db",
    raftbench: "./raftbench",
  },
  sources: ["go.mod", "go.sum", "raftbench/main.go"],
};

/** Older members, whose directories are taken over; minutes of building, and only on request. */
const older: readonly Build[] = ["3.5", "3.6"].map((version) => ({
  folder: `go-${version}`,
  programs: { [`etcd-${version}`]: "go.etcd.io/etcd/server/v3" },
  sources: ["go.mod", "go.sum"],
}));

const moduleDir = (build: Build): string => join(interopDir, build.folder);
const stampFile = (build: Build): string => join(binDir, `.built-from-${build.folder}`);

function goVersion(): string | undefined {
  const options = { cwd: moduleDir(current), encoding: "utf8" } as const;
  const result = spawnSync("go", ["env", "GOVERSION"], options);
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** What the binaries depend on: the locked modules, our program and the compiler. */
function stamp(build: Build, go: string): string {
  const read = (name: string): string => readFileSync(join(moduleDir(build), name), "utf8");
  return [go, ...build.sources.map(read)].join("\n");
}

function isUpToDate(build: Build, wanted: string): boolean {
  try {
    for (const name of Object.keys(build.programs)) statSync(join(binDir, name));
    return readFileSync(stampFile(build), "utf8") === wanted;
  } catch {
    return false;
  }
}

function buildProgram(build: Build, name: string, pkg: string): void {
  // The result is moved into place, so that a test never starts a half-written program.
  const target = join(binDir, name);
  const partial = `${target}.${process.pid}`;
  const args = ["build", "-mod=readonly", "-trimpath", "-o", partial, pkg];
  const result = spawnSync("go", args, { cwd: moduleDir(build), stdio: "inherit" });
  if (result.status !== 0) {
    rmSync(partial, { force: true });
    throw new Error(`go build of ${pkg} failed`, { cause: result.error });
  }
  renameSync(partial, target);
}

function buildAll(build: Build, go: string): void {
  const wanted = stamp(build, go);
  if (isUpToDate(build, wanted)) {
    console.log(`interop: ${build.folder} is up to date`);
    return;
  }
  mkdirSync(binDir, { recursive: true });
  rmSync(stampFile(build), { force: true });
  for (const [name, pkg] of Object.entries(build.programs)) {
    console.log(`interop: building ${name} from ${pkg} with ${go}`);
    buildProgram(build, name, pkg);
  }
  writeFileSync(stampFile(build), wanted);
}

function main(): void {
  const go = goVersion();
  if (go === undefined) {
    console.log("interop: Go is missing, the genuine etcd programs are not built");
    process.exitCode = process.argv.includes("--require") ? 1 : 0;
    return;
  }
  const builds = process.argv.includes("--older") ? [current, ...older] : [current];
  for (const build of builds) buildAll(build, go);
}

main();
