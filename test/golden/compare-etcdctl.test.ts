// SPDX-License-Identifier: Apache-2.0

/**
 * Runs every command line with our client program and with the genuine etcdctl, each against a
 * genuine server of its own with the same history, and compares output, error output and exit
 * code byte for byte. What cannot agree is masked: times, ports, addresses in memory, and the
 * wording of help.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { genuineCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { isThorough } from "../harness/thorough.ts";
import { type CompareCase, compareCases } from "./compare-cases.ts";
import { type Outcome, type RunOptions, runCtl, runOther } from "./run-ctl.ts";

const etcdctl = join(import.meta.dirname, "../interop/bin/etcdctl");
const command = genuineCommand();
const available = command !== undefined && existsSync(etcdctl);
if (!available) console.log("compare-etcdctl: left out, test/interop/bin is not built");

// The same member and cluster ids on both servers, whatever ports they got.
const SAME_IDS = [
  "--initial-advertise-peer-urls=http://127.0.0.1:2",
  "--initial-cluster=m1=http://127.0.0.1:2",
];

function mask(text: string, server: ServerProcess): string {
  // The time that a check took makes the columns of its table more or less wide.
  const plain = text.includes(" TOOK ")
    ? text.replace(/ +/g, " ").replace(/(?:\xe2\x94\x80)+/g, "-")
    : text;
  return plain
    .replaceAll(server.endpoint, "<endpoint>")
    .replace(/"ts":"[^"]*"/g, '"ts":"<time>"')
    .replace(/etcd-endpoints:\/\/0x[0-9a-f]+/g, "etcd-endpoints://<address>")
    .replace(/(memberID:\d+) {1,2}alarm:/g, "$1 alarm:")
    .replace(/(memory used : )-?[0-9.]+/, "$1<size>")
    .replace(/^.*[0-9]+ p\/s\n?/m, "")
    .replace(/(with revision )\d+/g, "$1<revision>")
    .replace(/LocalAddr: '127\.0\.0\.1:\d+'/g, "LocalAddr: '<local>'")
    .replace(/,"stacktrace":"[^"]*"/g, "")
    .replace(/(took = |"took":"|"Took" : |\]\. took |\x82 )[0-9.]+(?:[mµ]?s|Âµs)\b/g, "$1<took>");
}

/** Everything before the first line that is help. */
function beforeUsage(text: string): string {
  const index = text.search(/^Usage:$/m);
  return index === -1 ? text : text.slice(0, index);
}

// Commands that ours does not have are not offered by it.
const notBuilt = /^(?:auth|downgrade|role|user)\n/gm;

function comparable(outcome: Outcome, server: ServerProcess, item: CompareCase): Outcome {
  const completes = item.line[0]?.startsWith("__complete") === true;
  const masked = mask(outcome.stdout, server);
  const stdout = completes ? masked.replace(notBuilt, "") : masked;
  const stderr = mask(outcome.stderr, server);
  if (item.usage !== true) return { code: outcome.code, stdout, stderr };
  // The help of a command on its output begins with its description.
  const helped = /^Usage:$/m.test(stdout);
  return { code: outcome.code, stdout: helped ? "<help>" : stdout, stderr: beforeUsage(stderr) };
}

function place(item: CompareCase, server: ServerProcess): { words: string[]; options: RunOptions } {
  const fill = (text: string): string => text.replaceAll("@", server.endpoint);
  const words = item.line.map(fill);
  if (item.bare !== true) words.unshift("--endpoints", server.endpoint);
  const environment = Object.fromEntries(
    Object.entries(item.environment ?? {}).map(([key, value]) => [key, fill(value)]),
  );
  return {
    words,
    options: { environment, ...(item.stdin === undefined ? {} : { stdin: item.stdin }) },
  };
}

const named = compareCases.map((item, index) => ({ item, name: caseName(item, index) }));

// Cases build on those before them, so there is no taking a share of them.
describe.skipIf(!available || !isThorough)("our etcdctl beside the genuine one", () => {
  let ours: ServerProcess;
  let theirs: ServerProcess;

  beforeAll(async () => {
    if (command === undefined) return;
    [ours, theirs] = await Promise.all([
      ServerProcess.start(command, { args: SAME_IDS }),
      ServerProcess.start(command, { args: SAME_IDS }),
    ]);
  });

  afterAll(async () => {
    await Promise.all([ours.dispose(), theirs.dispose()]);
  });

  test.each(named)("$name", async ({ item }) => {
    // Sizes of two stores differ although their contents agree: what shows a size asks one.
    const server = item.line.includes("endpoint") ? theirs : ours;
    const own = place(item, server);
    const genuine = place(item, theirs);
    const mine = await runCtl(own.words, own.options);
    const expected = await runOther([etcdctl], genuine.words, genuine.options);
    expect(comparable(mine, server, item)).toEqual(comparable(expected, theirs, item));
  });
});

function caseName(item: CompareCase, index: number): string {
  const parts = [
    `${index}:`,
    ...Object.entries(item.environment ?? {}).map((pair) => pair.join("=")),
  ];
  const stdin = item.stdin === undefined ? [] : [`< ${JSON.stringify(item.stdin)}`];
  return [...parts, ...item.line.map((word) => word || "''"), ...stdin].join(" ");
}
