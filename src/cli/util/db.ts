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
import { NodeDisk } from "../../platform/node-disk.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { UsageFailure } from "../usage-failure.ts";
import { decodedRow, plainRow } from "./bucket-texts.ts";
import { databaseOptions, exactly } from "./database.ts";
import { reading } from "./reading.ts";

/** Lines are collected up to about this size before they are written. */
const OUTPUT_BYTES = 64 * 1024;

/** Reads the file that a path means, and shows on a terminal how far that has come. */
function withBuckets<T>(
  call: Call,
  path: string,
  printsRows: boolean,
  work: (file: BucketsFile) => Promise<T>,
): Promise<T> {
  const found = findBuckets(databaseOptions(call, path, new NodeDisk()));
  const passes = [{ path: found.path, times: 1 }];
  return reading(call, { passes, isOfEtcd: false, printsRows }, (disk) => work({ ...found, disk }));
}

export async function dbListBucket(call: Call): Promise<number> {
  const [path = ""] = exactly(call, 1);
  const names = await withBuckets(call, path, false, listBuckets);
  call.terminal.out(names.map((name) => `${name}\n`).join(""));
  return ExitCode.success;
}

export async function dbIterateBucket(call: Call): Promise<number> {
  const [path = "", bucket = ""] = exactly(call, 2);
  const limit = call.values.bigint("limit");
  if (limit < 0n) throw new UsageFailure("--limit must not be negative");
  const text = call.values.bool("decode") ? decodedRow(bucket) : plainRow;
  return printLines(call, path, (file, print) =>
    eachRow(file, bucket, Number(limit), (key, value) => print(text(key, value))),
  );
}

export async function dbScanKeys(call: Call): Promise<number> {
  const [path = "", start = ""] = exactly(call, 2);
  const parsed = parseGoInt64(start, 10);
  if (!parsed.ok) throw new CommandFailure(ExitCode.error, parsed.error);
  const text = decodedRow("key");
  return printLines(call, path, (file, print) =>
    scanRows(file, Number(parsed.value), ({ page, index, count }, key, value) =>
      print(`pageID=${page}, index=${index}/${count - 1}, ${text(key, value)}`),
    ),
  );
}

/** Prints lines as they come; those that came before a failure too. */
async function printLines(
  call: Call,
  path: string,
  work: (file: BucketsFile, print: (line: string) => void) => Promise<void>,
): Promise<number> {
  const { terminal } = call;
  let lines = "";
  const print = (line: string): void => {
    lines += `${line}\n`;
    if (lines.length < OUTPUT_BYTES) return;
    terminal.out(lines);
    lines = "";
  };
  try {
    await withBuckets(call, path, true, (file) => work(file, print));
  } finally {
    terminal.out(lines);
  }
  return ExitCode.success;
}

export async function dbGetHash(call: Call): Promise<number> {
  const [path = ""] = exactly(call, 1);
  const [name, hash] = await withBuckets(call, path, false, async (file) => [
    file.path,
    await wholeHash(file),
  ]);
  call.terminal.out(`db path: ${name}\nHash: ${hash}\n`);
  return ExitCode.success;
}
