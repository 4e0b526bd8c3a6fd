// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { loadServerConfig } from "./index.ts";

function load(...flags: string[]) {
  return loadServerConfig(flags, {}, () => "");
}

function configured(...flags: string[]) {
  const loaded = load(...flags);
  return loaded.kind === "run" ? loaded.config.autoCompaction : undefined;
}

function refusal(...flags: string[]): string {
  const loaded = load(...flags);
  if (loaded.kind === "run") return "";
  return JSON.stringify(loaded.warnings.at(-1)?.fields ?? {});
}

test("it is off unless a retention is given", () => {
  expect(configured()).toEqual({ mode: "off" });
  expect(configured("--auto-compaction-mode", "revision")).toEqual({ mode: "off" });
  expect(configured("--auto-compaction-retention=")).toEqual({ mode: "off" });
});

test("a whole number is hours, or revisions", () => {
  expect(configured("--auto-compaction-retention", "2")).toEqual({
    mode: "periodic",
    periodMs: 7_200_000,
  });
  expect(configured("--auto-compaction-mode=revision", "--auto-compaction-retention=1000")).toEqual(
    { mode: "revision", retention: 1000 },
  );
});

test("anything else is a duration", () => {
  expect(configured("--auto-compaction-retention", "90s")).toEqual({
    mode: "periodic",
    periodMs: 90_000,
  });
  expect(configured("--auto-compaction-mode=revision", "--auto-compaction-retention=1s")).toEqual({
    mode: "revision",
    retention: 1_000_000_000,
  });
});

test.each([
  ["abc", 'time: invalid duration \\"abc\\"'],
  ["-1", 'time: missing unit in duration \\"-1\\"'],
  ["1x", 'time: unknown unit \\"x\\" in duration \\"1x\\"'],
])("retention %s is refused in Go's words", (text, error) => {
  expect(refusal("--auto-compaction-retention", text)).toContain(
    `error parsing CompactionRetention: ${error}`,
  );
});

test("a negative retention is refused, where etcd would compact without pause", () => {
  expect(refusal("--auto-compaction-retention", "-1h")).toContain("is negative");
});

test("an unknown mode is refused in etcd's words", () => {
  expect(refusal("--auto-compaction-mode", "foo")).toContain(
    'unknown auto-compaction-mode \\"foo\\"',
  );
  expect(refusal("--auto-compaction-mode=")).toContain('"undefined auto-compaction-mode"');
});
