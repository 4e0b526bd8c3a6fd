// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

const longest = "y".repeat(300);
const large = { VALUE: "v".repeat(200_000) };

test.each([
  ["no word", [""], "exec: no command"],
  ["a program that is not there", ["nosuch"], /^exec: "nosuch": executable file not found in/],
  ["a name that is a folder", ["."], /^exec: "\.": executable file not found in/],
  ["a name of a zero byte", ["e\0o"], /^exec: "e\\x00o": executable file not found in/],
  ["a path that is not there", ["/nosuch/a"], "fork/exec /nosuch/a: no such file or directory"],
  ["a folder", ["/"], "fork/exec /: permission denied"],
  ["a path through a file", ["/bin/sh/a"], "fork/exec /bin/sh/a: not a directory"],
  ["a path that is too long", [`/${longest}`], `fork/exec /${longest}: file name too long`],
  ["a word with a zero byte", ["/bin/sh", "a\0b"], "fork/exec /bin/sh: invalid argument"],
])("%s does not start", async (_name, command, problem) => {
  const end = await runCommand(command, {});
  expect(end.exitCode).toBeUndefined();
  expect(end.problem).toMatch(problem);
});

test("variables that are too long for the system are told", async () => {
  const { problem } = await runCommand(["sh", "-c", "true"], large);
  expect(problem).toMatch(/^fork\/exec \/.*\/sh: argument list too long$/);
});

test("the end of a program is told", async () => {
  expect(await runCommand(["sh", "-c", "exit 0"], {})).toEqual({ problem: undefined, exitCode: 0 });
  const failed = { problem: "exit status 7", exitCode: 7 };
  expect(await runCommand(["sh", "-c", "exit 7"], {})).toEqual(failed);
  const killed = { problem: "signal: killed", exitCode: -1 };
  expect(await runCommand(["sh", "-c", "kill -9 $$"], {})).toEqual(killed);
});
