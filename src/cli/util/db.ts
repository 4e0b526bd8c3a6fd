// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { eachRow, listBuckets, type OpenDatabase, wholeHash } from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { UsageFailure } from "../usage-failure.ts";
import { decodedRow, plainRow } from "./bucket-texts.ts";
import { databaseOptions, exactly, offline } from "./database.ts";

/** Lines are collected up to about this size before they are written. */
const OUTPUT_BYTES = 64 * 1024;

/** A path that ends in `db` is the file itself, any other one a data directory. */
function options(call: Call, path: string): OpenDatabase {
  return databaseOptions(call, path.endsWith("db") ? path : join(path, "member/snap/db"));
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
  let lines = "";
  const work = eachRow(options(call, path), bucket, Number(limit), (key, value) => {
    lines += `${text(key, value)}\n`;
    if (lines.length < OUTPUT_BYTES) return;
    call.terminal.out(lines);
    lines = "";
  });
  try {
    await offline(work);
  } finally {
    call.terminal.out(lines);
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
