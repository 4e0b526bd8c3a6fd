// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { completionScripts } from "./completion-scripts.ts";

const program = join(import.meta.dirname, "../../bin/etcdctl");

/** Runs a shell's script with `etcdctl` in the path and answers with its output. */
function run(shell: string, script: string): string {
  const folder = tempDir();
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(program, join(bin, "etcdctl"));
  symlinkSync(process.execPath, join(bin, "node"));
  const file = join(folder, "script");
  writeFileSync(file, script);
  const path = [bin, process.env["PATH"]].join(delimiter);
  const result = spawnSync(shell, [file], { encoding: "utf8", env: { PATH: path, HOME: folder } });
  expect(result.stderr).toBe("");
  return result.stdout;
}

function has(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

function scriptOf(shell: string): string {
  return completionScripts.get(shell)?.("etcdctl") ?? "";
}

/** A command line as bash hands it over: broken at blanks, and at `=` and `:`. */
type BashLine = readonly [line: string, words: readonly string[], expected: string];

describe.skipIf(!has("bash"))("in bash", () => {
  const lines: readonly BashLine[] = [
    ["etcdctl le", ["le"], "lease"],
    ["etcdctl lease k", ["lease", "k"], "keep-alive"],
    ["etcdctl get --order=", ["get", "--order", "="], "ASCEND DESCEND"],
    ["etcdctl get --order=D", ["get", "--order", "=", "D"], "DESCEND"],
    ["etcdctl get --order ", ["get", "--order", ""], "ASCEND DESCEND"],
    ["etcdctl --endpoints=a:1 endp", ["--endpoints", "=", "a", ":", "1", "endp"], "endpoint"],
    ["etcdctl get some", ["get", "some"], ""],
  ];

  test("a line is completed, wherever bash has broken it", () => {
    const calls = lines.map(([line, words]) => {
      const quoted = ["etcdctl", ...words].map((word) => `'${word}'`).join(" ");
      return `COMP_LINE='${line}' COMP_WORDS=(${quoted}) COMP_CWORD=${words.length}
__etcdctl_complete; echo "\${COMPREPLY[*]}"`;
    });
    const output = run("bash", `${scriptOf("bash")}\n${calls.join("\n")}\n`);
    expect(output.split("\n")).toEqual([...lines.map(([, , expected]) => expected), ""]);
  });
});

describe.skipIf(!has("fish"))("in fish", () => {
  test.each([
    ["etcdctl lease k", ["keep-alive"]],
    ["etcdctl get --order=D", ["--order=DESCEND"]],
    ["etcdctl get --order ", ["ASCEND", "DESCEND"]],
  ])("%s", (line, expected) => {
    const output = run("fish", `${scriptOf("fish")}\ncomplete --do-complete '${line}'\n`);
    const offered = output.split("\n").map((text) => text.replace(/\t.*/, ""));
    expect(offered.filter((text) => expected.includes(text))).toEqual(expected);
  });
});

describe.skipIf(!has("zsh"))("in zsh", () => {
  test("the words are asked for and handed to the shell's own display", () => {
    const script = `
compdef() { :; }
compset() { :; }
_files() { print files; }
_describe() { print -l -- "\${candidates[@]}"; }
${scriptOf("zsh")}
words=(etcdctl get --order "") CURRENT=4; _etcdctl
words=(etcdctl lease k) CURRENT=3; _etcdctl
words=(etcdctl get x) CURRENT=3; _etcdctl`;
    const output = run("zsh", script).split("\n");
    expect(output.slice(0, 2)).toEqual(["ASCEND", "DESCEND"]);
    expect(output[2]).toMatch(/^keep-alive:./);
  });
});

test("every script is about the program that prints it", () => {
  expect([...completionScripts.keys()]).toEqual(["bash", "zsh", "fish", "powershell"]);
  for (const script of completionScripts.values()) expect(script("mine")).not.toContain("etcdctl");
});
