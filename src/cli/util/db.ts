// SPDX-License-Identifier: Apache-2.0

import { parseGoInt64 } from "../../base/go-number.ts";
import {
  type BucketsFile,
  eachRow,
  findBuckets,
  listBuckets,
  scanRows,
  wholeHash,
} from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { UsageFailure } from "../usage-failure.ts";
import { decodedRow, plainRow } from "./bucket-texts.ts";
import { databaseOptions, exactly, offline } from "./database.ts";

/** Lines are collected up to about this size before they are written. */
const OUTPUT_BYTES = 64 * 1024;

function options(call: Call, path: string): BucketsFile {
  return findBuckets(databaseOptions(call, path));
}

export async function dbListBucket(call: Call): Promise<number> {
  const [path = ""] = exactly(call, 1);
  const names = await offline(listBuckets(options(call, path)));
  call.terminal.out(names.map((name) => `${name}\n`).join(""));
  return ExitCode.success;
}

export async function dbIterateBucket(call: Call): Promise<number> {
  const [path = "", bucket = ""] = exactly(call, 2);
  const limit = call.values.bigint("limit");
  if (limit < 0n) throw new UsageFailure("--limit must not be negative");
  const text = call.values.bool("decode") ? decodedRow(bucket) : plainRow;
  return printLines(call, (print) =>
    eachRow(options(call, path), bucket, Number(limit), (key, value) => print(text(key, value))),
  );
}

export async function dbScanKeys(call: Call): Promise<number> {
  const [path = "", start = ""] = exactly(call, 2);
  const parsed = parseGoInt64(start, 10);
  if (!parsed.ok) throw new CommandFailure(ExitCode.error, parsed.error);
  const text = decodedRow("key");
  return printLines(call, (print) =>
    scanRows(options(call, path), Number(parsed.value), ({ page, index, count }, key, value) =>
      print(`pageID=${page}, index=${index}/${count - 1}, ${text(key, value)}`),
    ),
  );
}

/** Prints lines as they come; those that came before a failure too. */
async function printLines(
  { terminal }: Call,
  work: (print: (line: string) => void) => Promise<void>,
): Promise<number> {
  let lines = "";
  const print = (line: string): void => {
    lines += `${line}\n`;
    if (lines.length < OUTPUT_BYTES) return;
    terminal.out(lines);
    lines = "";
  };
  try {
    await offline(work(print));
  } finally {
    terminal.out(lines);
  }
  return ExitCode.success;
}

export async function dbGetHash(call: Call): Promise<number> {
  const [path = ""] = exactly(call, 1);
  const opened = options(call, path);
  const hash = await offline(wholeHash(opened));
  call.terminal.out(`db path: ${opened.path}\nHash: ${hash}\n`);
  return ExitCode.success;
}
