// SPDX-License-Identifier: Apache-2.0

/** `lock` and `elect` of our client program beside the genuine one, on one genuine server. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { genuineCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { type Outcome, runOther } from "./run-ctl.ts";
import { Typist } from "./typist.ts";

const etcdctl = [join(import.meta.dirname, "../interop/bin/etcdctl")];
const ours = [process.execPath, join(import.meta.dirname, "../../bin/etcdctl")];
const command = genuineCommand();
const available = command !== undefined && existsSync(etcdctl[0] ?? "");
if (!available) console.log("concurrency: left out, test/interop/bin is not built");

describe.skipIf(!available)("beside the genuine one", () => {
  let server: ServerProcess;

  beforeAll(async () => {
    if (command !== undefined) server = await ServerProcess.start(command);
  });

  afterAll(() => server.dispose());

  const environment = { PATH: process.env["PATH"] ?? "" };

  function start(program: readonly string[], ...words: string[]): Typist {
    const [file = "", ...first] = program;
    const all = [...first, "--endpoints", server.endpoint, ...words];
    return new Typist(spawn(file, all, { env: environment }));
  }

  async function run(program: readonly string[], ...words: string[]): Promise<Outcome> {
    const all = ["--endpoints", server.endpoint, ...words];
    return masked(await runOther(program, all, { environment }));
  }

  /** Leases and revisions are others each time. */
  function masked({ code, stdout, stderr }: Outcome): Outcome {
    const text = stdout
      .replace(/\/[0-9a-f]{10,}/g, "/<lease>")
      .replace(/> \d+$/m, "> <revision>")
      .replace(/"(key|\w+_id|\w+_revision|revision|raft_term|lease)":("[^"]*"|\d+)/g, '"$1":0');
    // A wait may be cut short in the middle of a call, which is then logged.
    const log = stderr.replace(/^\{.*code = Canceled .*\}\n/gm, "");
    return { code, stdout: text, stderr: log.replace(/"ts":"[^"]*"/, '"ts":""') };
  }

  test.each([
    ["lock", "a", "sh", "--", "-c", "echo $ETCD_LOCK_KEY $ETCD_LOCK_REV"],
    ["lock", "a", "sh", "--", "-c", "exit 7"],
    ["lock", "a", "sh", "--", "-c", "kill -9 $$"],
    ["lock", "a", "nosuchcommand"],
    ["lock", "a", "/nosuch/command"],
    ["lock", "a", "true", "--ttl", "0"],
    ["lock"],
    ["elect"],
    ["elect", "a"],
    ["elect", "a", "b", "-l"],
    ["elect", "a", "b", "c"],
  ])("%s %s %s %s %s %s", async (...words) => {
    expect(await run(ours, ...words)).toEqual(await run(etcdctl, ...words));
  });

  async function lockTwice(program: readonly string[]): Promise<Outcome[]> {
    const holder = start(program, "lock", "b");
    await holder.until("b/");
    const next = start(program, "lock", "b", "-w", "json");
    const impatient = start(program, "lock", "b");
    await untilQueued("b/", 3);
    const ends = [await impatient.end("SIGTERM"), await holder.end("SIGINT")];
    await next.until("header");
    ends.push(await next.end("SIGTERM"));
    expect((await run(etcdctl, "get", "b/", "--prefix")).stdout).toBe("");
    return ends.map(masked);
  }

  async function untilQueued(prefix: string, count: number): Promise<void> {
    const words = ["get", prefix, "--prefix", "--count-only", "-w", "fields"];
    while (!(await run(etcdctl, ...words)).stdout.includes(`"Count" : ${count}\n`));
  }

  test("a lock goes from one to the next", async () => {
    expect(await lockTwice(ours)).toEqual(await lockTwice(etcdctl));
  });

  async function electTwice(program: readonly string[]): Promise<Outcome[]> {
    const observer = start(program, "elect", "c", "--listen");
    const first = start(program, "elect", "c", "one");
    await first.until("one");
    await observer.until("one");
    const second = start(program, "elect", "c", "two");
    await untilQueued("c/", 2);
    const ends = [await first.end("SIGTERM")];
    await second.until("two");
    await observer.until("two");
    const third = start(program, "elect", "c", "three");
    await untilQueued("c/", 2);
    ends.push(
      await third.end("SIGINT"),
      await second.end("SIGTERM"),
      await observer.end("SIGTERM"),
    );
    expect((await run(etcdctl, "get", "c/", "--prefix")).stdout).toBe("");
    return ends.map(masked);
  }

  test("a leader resigns, the next one is seen, and one that gives up withdraws", async () => {
    expect(await electTwice(ours)).toEqual(await electTwice(etcdctl));
  });
});
