// SPDX-License-Identifier: Apache-2.0
// Builds the genuine etcd programs from their published Go modules into test/interop/bin, and a
// program of ours that measures Go's raft. They are run by the conformance cases, the ledger and
// the benchmarks, never linked or copied.
// Without Go it says so and ends well, unless --require is given.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const moduleDir = join(import.meta.dirname, "../test/interop/go");
const binDir = join(import.meta.dirname, "../test/interop/bin");

/** Program name to the Go package that is its main. */
const programs: Readonly<Record<string, string>> = {
  etcd: "go.etcd.io/etcd/server/v3",
  etcdctl: "go.etcd.io/etcd/etcdctl/v3",
  etcdutl: "go.etcd.io/etcd/etcdutl/v3",
  "etcd-dump-db": "go.etcd.io/etcd/v3/tools/etcd-dump-db",
  raftbench: "./raftbench",
};

const stampFile = join(binDir, ".built-from");

function goVersion(): string | undefined {
  const result = spawnSync("go", ["env", "GOVERSION"], { cwd: moduleDir, encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** What the binaries depend on: the locked modules, our program and the compiler. */
function stamp(go: string): string {
  const read = (name: string): string => readFileSync(join(moduleDir, name), "utf8");
  return [go, read("go.mod"), read("go.sum"), read("raftbench/main.go")].join("\n");
}

function isUpToDate(wanted: string): boolean {
  try {
    for (const name of Object.keys(programs)) statSync(join(binDir, name));
    return readFileSync(stampFile, "utf8") === wanted;
  } catch {
    return false;
  }
}

function build(name: string, pkg: string): void {
  // The result is moved into place, so that a test never starts a half-written program.
  const target = join(binDir, name);
  const partial = `${target}.${process.pid}`;
  const args = ["build", "-mod=readonly", "-trimpath", "-o", partial, pkg];
  const result = spawnSync("go", args, { cwd: moduleDir, stdio: "inherit" });
  if (result.status !== 0) {
    rmSync(partial, { force: true });
    throw new Error(`go build of ${pkg} failed`, { cause: result.error });
  }
  renameSync(partial, target);
}

function main(): void {
  const go = goVersion();
  if (go === undefined) {
    console.log("interop: Go is missing, the genuine etcd programs are not built");
    process.exitCode = process.argv.includes("--require") ? 1 : 0;
    return;
  }
  const wanted = stamp(go);
  if (isUpToDate(wanted)) {
    console.log("interop: up to date");
    return;
  }
  mkdirSync(binDir, { recursive: true });
  rmSync(stampFile, { force: true });
  for (const [name, pkg] of Object.entries(programs)) {
    console.log(`interop: building ${name} from ${pkg} with ${go}`);
    build(name, pkg);
  }
  writeFileSync(stampFile, wanted);
}

main();
