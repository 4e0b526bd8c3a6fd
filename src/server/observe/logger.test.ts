// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import type { LogFields } from "../../base/contracts/logger.ts";
import {
  LogOutputError,
  openLogOutputs,
  ServerLogger,
  type ServerLoggerOptions,
} from "./logger.ts";

const at = Date.UTC(2026, 10, 20, 23, 30, 8, 123) + 0.456;

function capture(options: Partial<ServerLoggerOptions> = {}) {
  const lines: string[] = [];
  const clock = { now: 0, monotonicMs: () => clock.now, unixMs: () => at };
  const logger = new ServerLogger({
    level: "info",
    format: "json",
    sinks: [(line) => lines.push(line)],
    utcOffset: () => 0,
    clock,
    ...options,
  });
  return { lines, logger, clock };
}

function fieldsOf(fields: LogFields): string {
  const { lines, logger } = capture();
  logger.log("info", "a.ts", "m", fields);
  return (lines[0] ?? "").replace(/^.*"msg":"m"/, "");
}

test("a line has zap's keys in zap's order", () => {
  const { lines, logger } = capture();
  logger.log("warn", "server/run.ts", 'say "hi"', { count: 3 });
  expect(lines).toEqual([
    '{"level":"warn","ts":"2026-11-20T23:30:08.123456Z","caller":"server/run.ts","msg":"say \\"hi\\"","count":3}\n',
  ]);
});

test("the console format is zap's: tabs and spaced JSON", () => {
  const { lines, logger } = capture({ format: "console" });
  logger.log("info", "server/run.ts", "Running: ", { args: ["etcd", "-x"], n: 1 });
  logger.log("error", "server/run.ts", "no fields");
  expect(lines).toEqual([
    '2026-11-20T23:30:08.123456Z\tinfo\tserver/run.ts\tRunning: \t{"args": ["etcd", "-x"], "n": 1}\n',
    "2026-11-20T23:30:08.123456Z\terror\tserver/run.ts\tno fields\n",
  ]);
});

test("another time zone shows at the end of the time", () => {
  const { lines, logger } = capture({ utcOffset: () => -570 });
  logger.log("info", "a.ts", "m");
  expect(lines[0]).toContain('"ts":"2026-11-20T14:00:08.123456-0930"');
});

test("identities are hex strings, counters numbers, errors their message", () => {
  const id = 0x8e9e05c52164694dn;
  expect(fieldsOf({ id, term: 2, error: new Error("gone") })).toBe(
    ',"id":"8e9e05c52164694d","term":2,"error":"gone"}\n',
  );
});

test("undefined fields are left out, bytes are base64, odd numbers are strings", () => {
  expect(fieldsOf({ a: undefined, b: new Uint8Array([1, 2]), c: Number.NaN, d: null })).toBe(
    ',"b":"AQI=","c":"NaN","d":null}\n',
  );
});

test("nested values are written, cycles are cut", () => {
  const cycle: Record<string, unknown> = { list: [1n, { x: true }] };
  cycle["self"] = cycle;
  expect(fieldsOf({ cycle })).toContain('"list":["1",{"x":true}]');
});

test("lines below the level are neither written nor enabled", () => {
  const { lines, logger } = capture({ level: "dpanic" });
  logger.log("error", "a.ts", "m");
  logger.log("panic", "a.ts", "m");
  expect(lines.length).toBe(1);
  expect(logger.enabled("error")).toBe(false);
  expect(logger.enabled("fatal")).toBe(true);
});

test("of equal messages a hundred a second are written, then every hundredth", () => {
  const { lines, logger, clock } = capture();
  for (let i = 0; i < 350; i++) logger.log("warn", "a.ts", "slow");
  expect(lines.length).toBe(102);
  logger.log("warn", "a.ts", "something else");
  expect(lines.length).toBe(103);
  clock.now = 1000;
  logger.log("warn", "a.ts", "slow");
  expect(lines.length).toBe(104);
});

test("a failing output or field never throws into the caller, it counts", () => {
  const { logger } = capture({
    sinks: [
      () => {
        throw new Error("disk full");
      },
    ],
  });
  logger.log("info", "a.ts", "m");
  const bad = capture();
  const fields = {
    get x(): string {
      throw new Error("no");
    },
  };
  bad.logger.log("info", "a.ts", "m", fields);
  expect([logger.dropped, bad.logger.dropped]).toEqual([1, 1]);
});

const noStreams = { stdout: { write: () => {} }, stderr: { write: () => {} } };

test("files are appended to, several outputs get the same line", () => {
  const path = join(tempDir(), "etcd.log");
  let err = "";
  const streams = { ...noStreams, stderr: { write: (text: string) => (err += text) } };
  for (const line of ["a\n", "b\n"]) {
    const outputs = openLogOutputs(["stderr", path, "/dev/null"], streams);
    for (const sink of outputs.sinks) sink(line);
    outputs.close();
  }
  expect([readFileSync(path, "utf8"), err]).toEqual(["a\nb\n", "a\nb\n"]);
});

test("an output that cannot be opened is named with its cause", () => {
  const path = join(tmpdir(), "etcdx-missing", "deep", "etcd.log");
  expect(() => openLogOutputs([path], noStreams)).toThrow(LogOutputError);
});
