// SPDX-License-Identifier: Apache-2.0

import { EventEmitter } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import type { SignalTarget, StopSignal } from "../../platform/signals.ts";
import { type RunServerParts, runServer, type ServerIo, type StartServer } from "./run.ts";

class FakeProcess extends EventEmitter implements SignalTarget {
  readonly pid = 7;
  readonly killedBy: StopSignal[] = [];
  kill(_pid: number, signal: StopSignal): void {
    this.killedBy.push(signal);
  }
  exit(): void {}
}

function capture(environment: ServerIo["environment"] = {}, programName = "etcd") {
  const written = { stdout: "", stderr: "" };
  const io: ServerIo = {
    environment,
    programName,
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  };
  return { io, written };
}

const neverStarted: StartServer = async () => {
  throw new Error("must not be started");
};

function parts(start: StartServer, signals = new FakeProcess()): RunServerParts {
  return { start, signals };
}

const never = new Promise<never>(() => {});

function messages(text: string): string[] {
  return text
    .trim()
    .split("\n")
    .map((line) => String(JSON.parse(line).msg));
}

test("a signal stops the server gracefully and then ends the process by that signal", async () => {
  const signals = new FakeProcess();
  const calls: string[] = [];
  const { io, written } = capture();
  const start: StartServer = async (config) => {
    calls.push(`start ${config.name}`);
    queueMicrotask(() => setImmediate(() => signals.emit("SIGTERM")));
    return { stop: async () => void calls.push("stop"), failed: never };
  };
  expect(await runServer(["--name", "m1"], io, parts(start, signals))).toBe(0);
  expect(calls).toEqual(["start m1", "stop"]);
  expect(signals.killedBy).toEqual(["SIGTERM"]);
  expect(messages(written.stderr).at(-1)).toBe("received signal; shutting down");
  expect(signals.listenerCount("SIGTERM")).toBe(0);
});

test("a second signal does not wait for the graceful stop", async () => {
  const signals = new FakeProcess();
  let stopping: () => void = () => {};
  const stopCalled = new Promise<void>((resolve) => {
    stopping = resolve;
  });
  let finishStop: () => void = () => {};
  const start: StartServer = async () => {
    setImmediate(() => signals.emit("SIGINT"));
    const stop = () => {
      stopping();
      return new Promise<void>((resolve) => {
        finishStop = resolve;
      });
    };
    return { stop, failed: never };
  };
  const ended = runServer([], capture().io, parts(start, signals));
  await stopCalled;
  expect(signals.killedBy).toEqual([]);
  signals.emit("SIGINT");
  expect(signals.killedBy).toEqual(["SIGINT"]);
  finishStop();
  await ended;
});

test("a server that fails while running ends with code 1 and says why", async () => {
  const { io, written } = capture();
  const start: StartServer = async () => ({
    stop: async () => {},
    failed: Promise.resolve(new Error("disk gone")),
  });
  expect(await runServer([], io, parts(start))).toBe(1);
  const last = JSON.parse(written.stderr.trim().split("\n").at(-1) ?? "");
  expect(last).toMatchObject({ level: "fatal", msg: "server failed", error: "disk gone" });
});

test("a server that does not come up ends with code 1 and etcd's words", async () => {
  const { io, written } = capture();
  expect(await runServer([], io, parts(neverStarted))).toBe(1);
  const last = JSON.parse(written.stderr.trim().split("\n").at(-1) ?? "");
  expect(last).toMatchObject({ level: "fatal", msg: "discovery failed" });
});

test("the configured log file gets the lines, standard error only what came before", async () => {
  const path = join(tempDir(), "etcd.log");
  const { io, written } = capture({ ETCD_LOG_OUTPUTS: path, ETCD_NONSENSE: "1" });
  expect(await runServer([], io, parts(neverStarted))).toBe(1);
  expect(messages(written.stderr)).toEqual([
    "recognized and used environment variable",
    "unrecognized environment variable",
  ]);
  expect(messages(readFileSync(path, "utf8"))).toContain("Running: ");
});

test("a log file that cannot be opened is refused as etcd refuses it", async () => {
  const path = join(tempDir(), "missing", "etcd.log");
  const { io, written } = capture();
  expect(await runServer(["--log-outputs", path], io, parts(neverStarted))).toBe(1);
  const last = JSON.parse(written.stderr.trim().split("\n").at(-1) ?? "");
  expect(last.msg).toBe("failed to verify flags");
  expect(last.error).toBe(`open sink "${path}": open ${path}: no such file or directory`);
});

test("the configuration file is read from the disk", async () => {
  const path = join(tempDir(), "etcd.yaml");
  writeFileSync(path, "name: from-file\n");
  let name = "";
  const start: StartServer = async (config) => {
    name = config.name;
    throw new Error("enough");
  };
  await runServer(["--config-file", path], capture().io, parts(start));
  expect(name).toBe("from-file");
});

test("--version goes to standard output and starts nothing", async () => {
  const { io, written } = capture({}, "etcd");
  expect(await runServer(["--version"], io, parts(neverStarted))).toBe(0);
  expect(written.stdout).toMatch(
    /^etcd Version: 3\.7\.1\nGit SHA: .+\nGo Version: .+\nGo OS\/Arch: /,
  );
  const own = capture({}, "etcdx");
  await runServer(["--version"], own.io, parts(neverStarted));
  expect(own.written.stdout).toMatch(/^etcdx Version: .+\nCompatible with etcd: 3\.7\.1\n/);
});

test("the proxies are refused by name", async () => {
  const { io, written } = capture();
  expect(await runServer(["grpc-proxy", "start"], io, parts(neverStarted))).toBe(1);
  expect(written.stderr).toBe("etcdx: grpc-proxy is not supported yet\n");
});

test.each([
  ["etcd", "  etcd [flags]\n"],
  ["etcdx", "  etcdx server [flags]\n"],
])("called as %s, the usage names that", async (programName, line) => {
  const { io, written } = capture({}, programName);
  expect(await runServer(["--nosuch"], io, parts(neverStarted))).toBe(2);
  expect(written.stderr).toContain(line);
});
