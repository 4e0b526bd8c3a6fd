// SPDX-License-Identifier: Apache-2.0

/**
 * The output of every kind of answer in every format, compared with files that were written once
 * and looked at. Where the genuine etcdctl is built, it gets the same answers from the same fake
 * server, and has to send the same requests and print the same bytes.
 *
 * After a wanted change: `GOLDEN=write vitest run test/golden/output.test.ts`, then read the diff.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleOf } from "../harness/thorough.ts";
import { FakeServer } from "./fake-server.ts";
import { type OutputCase, outputCases } from "./output-cases.ts";
import { type Outcome, runCtl, runOther } from "./run-ctl.ts";

const folder = join(import.meta.dirname, "output");
const etcdctl = join(import.meta.dirname, "../interop/bin/etcdctl");
const writes = process.env["GOLDEN"] === "write";
const genuine = existsSync(etcdctl);
if (!genuine) console.log("output: not compared with the genuine etcdctl, it is not built");

function mask(text: string, server: FakeServer): string {
  const withoutTimes = text
    .replaceAll(server.endpoint, "127.0.0.1:2379")
    .replace(/"ts":"[^"]*"/g, '"ts":"TIME"')
    .replace(/etcd-endpoints:\/\/0x[0-9a-f]+/g, "etcd-endpoints://0x0")
    .replace(/(memberID:\d+) {1,2}alarm:/g, "$1 alarm:")
    .replace(/\[\] \[\] 0x[0-9a-f]+/g, "[] [] 0x0")
    .replace(/LocalAddr: '127\.0\.0\.1:\d+'/g, "LocalAddr: 'LOCAL'")
    .replace(/(took = |"took":"|"Took" : |\x82 +)[0-9.]+(?:[mn]?s|Âµs)\b/g, "$1TOOK");
  // A port of another length, or another time, moves the borders of a table.
  return withoutTimes.includes("\xe2\x94\x8c")
    ? withoutTimes.replace(/ +/g, " ").replace(/(?:\xe2\x94\x80)+/g, "\xe2\x94\x80")
    : withoutTimes;
}

function record(outcome: Outcome, server: FakeServer): string {
  const { code, stdout, stderr } = outcome;
  const parts = [
    `exit ${code}\n--- stdout\n`,
    mask(stdout, server),
    "--- stderr\n",
    mask(stderr, server),
  ];
  return parts.join("");
}

function requests(server: FakeServer): string[] {
  const texts = server.take().map(({ path, request, metadata }) => {
    const leader = metadata["hasleader"] === undefined ? "" : ` hasleader=${metadata["hasleader"]}`;
    return `${path} ${Buffer.from(request).toString("hex")}${leader}`;
  });
  return [...new Set(texts)];
}

let server: FakeServer;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  server = await FakeServer.start();
});

afterAll(() => server.stop());

function words(item: OutputCase): string[] {
  return [...item.words, "--endpoints", server.endpoint];
}

const options = (item: OutputCase): { stdin?: string } =>
  item.stdin === undefined ? {} : { stdin: item.stdin };

describe("our client program prints what the golden file holds", () => {
  test.each(outputCases)("$name", async (item) => {
    item.prepare(server);
    const output = record(await runCtl(words(item), options(item)), server);
    const path = join(folder, `${item.name}.txt`);
    if (writes) writeFileSync(path, output, "latin1");
    expect(output).toBe(readFileSync(path, "latin1"));
  });
});

describe.skipIf(!genuine)("the genuine etcdctl asks and prints the same", () => {
  test.each(sampleOf(outputCases, 8))("$name", async (item) => {
    item.prepare(server);
    server.take();
    await runCtl(words(item), options(item));
    const ours = requests(server);
    item.prepare(server);
    const outcome = await runOther([etcdctl], words(item), options(item));
    expect(ours).toEqual(requests(server));
    expect(record(outcome, server)).toBe(readFileSync(join(folder, `${item.name}.txt`), "latin1"));
  });
});
