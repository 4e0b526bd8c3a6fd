// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { lockMemberDirectory } from "./data-directory-lock.ts";
import { FileLock, LockHeldError } from "./file-lock.ts";
import { findForeignLock } from "./foreign-lock.ts";

const MODULE = new URL("./file-lock.ts", import.meta.url).href;

/** A child that runs `code` and is killed at the latest when the test ends. */
function child(command: string, args: readonly string[]): ChildProcess {
  const started = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => {
    started.kill("SIGKILL");
  });
  return started;
}

function exited(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (process.exitCode !== null || process.signalCode !== null) resolve();
    else process.once("exit", () => resolve());
  });
}

function firstLine(process: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    process.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    process.once("exit", (code) => reject(new Error(`the child ended with ${code}: ${text}`)));
  });
}

/** Takes the lock in another process and answers with "held", or with the error's text. */
function lockInChild(directory: string): ChildProcess {
  const code = `
    const { FileLock } = await import(${JSON.stringify(MODULE)});
    try {
      globalThis.lock = await FileLock.acquire(${JSON.stringify(directory)});
      console.log("held");
    } catch (error) {
      console.log(error.message);
    }
    process.stdin.resume();`;
  return child(process.execPath, ["--input-type=module", "--eval", code]);
}

describe("the lock on a directory", () => {
  test("keeps a second process out and names directory, holder and fix", async () => {
    const directory = tempDir();
    const holder = lockInChild(directory);
    expect(await firstLine(holder)).toBe("held");
    const attempt = FileLock.acquire(directory);
    await expect(attempt).rejects.toThrow(LockHeldError);
    await expect(attempt).rejects.toThrow(
      `data directory ${directory} is in use by process ${holder.pid}; stop that process`,
    );
  });

  test("keeps the same process out, too", async () => {
    const directory = tempDir();
    const lock = await FileLock.acquire(directory);
    await expect(FileLock.acquire(directory)).rejects.toThrow(`process ${process.pid}`);
    await lock.release();
  });

  test("is free again, without a trace, after a release", async () => {
    const directory = tempDir();
    for (let round = 0; round < 3; round++) {
      const lock = await FileLock.acquire(directory);
      expect(readdirSync(directory)).toHaveLength(1);
      await lock.release();
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  test("of a killed process does not block the next", async () => {
    const directory = tempDir();
    const holder = lockInChild(directory);
    expect(await firstLine(holder)).toBe("held");
    holder.kill("SIGKILL");
    await exited(holder);
    expect(readdirSync(directory)).toHaveLength(1);
    const lock = await FileLock.acquire(directory);
    expect(readdirSync(directory)).toHaveLength(1);
    await lock.release();
  });

  test("holds against a process that is stopped and cannot answer", async () => {
    const directory = tempDir();
    const holder = lockInChild(directory);
    expect(await firstLine(holder)).toBe("held");
    holder.kill("SIGSTOP");
    await expect(FileLock.acquire(directory)).rejects.toThrow("does not say who it is");
  });

  test("goes to exactly one of many that want it at once", async () => {
    const directory = tempDir();
    for (let round = 0; round < 5; round++) {
      const attempts = Array.from({ length: 8 }, () => FileLock.acquire(directory));
      const results = await Promise.allSettled(attempts);
      const won = results.flatMap((result) =>
        result.status === "fulfilled" ? [result.value] : [],
      );
      expect(won).toHaveLength(1);
      for (const lock of won) await lock.release();
    }
  });

  test("works in a directory whose path is longer than a socket's may be", async () => {
    const directory = `${tempDir()}/${"long-name/".repeat(20)}`;
    mkdirSync(directory, { recursive: true });
    const lock = await FileLock.acquire(directory);
    await expect(FileLock.acquire(directory)).rejects.toThrow(LockHeldError);
    await lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe.skipIf(!existsSync("/proc/locks") || !existsSync("/usr/bin/flock"))(
  "a lock that another program holds on a file",
  () => {
    test("is found, with its holder, and keeps the member from starting", async () => {
      const memberDirectory = tempDir();
      const walDirectory = `${memberDirectory}/wal`;
      mkdirSync(walDirectory);
      const path = `${walDirectory}/0000000000000000-0000000000000000.wal`;
      writeFileSync(path, "");
      expect(findForeignLock([path])).toBeUndefined();
      const holder = child("/usr/bin/flock", ["--no-fork", path, "sh", "-c", "echo ready; read x"]);
      await firstLine(holder);
      expect(findForeignLock([`${memberDirectory}/other`, path])).toEqual({
        path,
        holder: expect.stringMatching(/^process \d+ \(.+\)$/),
      });
      const attempt = lockMemberDirectory({ memberDirectory, walDirectory });
      await expect(attempt).rejects.toThrow(`which has locked ${path}`);
      holder.kill("SIGKILL");
      await exited(holder);
      const lock = await lockMemberDirectory({ memberDirectory, walDirectory });
      await lock.release();
    });
  },
);
