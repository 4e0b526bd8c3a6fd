// SPDX-License-Identifier: Apache-2.0

import { encodeText } from "../../base/byte-text.ts";
import {
  dumpWal,
  RECORD_KINDS,
  REQUEST_KINDS,
  recordJson,
  recordText,
  type WalDumpOutput,
  type WalFilter,
} from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { UsageFailure } from "../usage-failure.ts";
import { exactly } from "./database.ts";
import { findingsFormat } from "./findings.ts";
import { walReading } from "./wal-place.ts";

/** Lines are collected up to about this size before they are written. */
const OUTPUT_BYTES = 64 * 1024;

export async function walDump(call: Call): Promise<number> {
  exactly(call, 0);
  const isJson = findingsFormat(call) === "json";
  const filter = filterOf(call);
  const { terminal } = call;
  let lines = "";
  let file = "";
  let torn = "";
  const add = (line: string): void => {
    lines += `${line}\n`;
    if (lines.length < OUTPUT_BYTES) return;
    terminal.out(lines);
    lines = "";
  };
  const output: WalDumpOutput = {
    record: (place, record) => {
      if (!isJson && place.file !== file) add(`${place.file}:`);
      ({ file } = place);
      add(isJson ? recordJson(place, record) : recordText(place, record));
    },
    torn: (place, problem, remedy) => {
      const at = `${place.file} at offset ${place.offset} (record ${place.number})`;
      torn = `Warning: ${at}: the last record is torn: ${problem}; ${remedy}\n`;
    },
  };
  try {
    await walReading(call, { storeTimes: 0, printsRows: true }, (place) =>
      dumpWal({ ...place, filter }, output),
    );
  } finally {
    terminal.out(lines);
  }
  if (torn !== "") terminal.error(torn);
  return ExitCode.success;
}

function filterOf({ values }: Call): WalFilter {
  const number = (name: string): number | undefined =>
    values.changed(name) ? values.counter(name) : undefined;
  const kinds = values.changed("kind") ? values.list("kind") : undefined;
  const known = [...RECORD_KINDS, ...REQUEST_KINDS];
  const unknown = kinds?.find((kind) => !known.includes(kind));
  if (unknown !== undefined) {
    throw new UsageFailure(`unknown kind "${unknown}"; there are ${known.join(", ")}`);
  }
  const prefix = values.changed("prefix") ? encodeText(values.text("prefix")) : undefined;
  return { from: number("from"), to: number("to"), term: number("term"), kinds, prefix };
}
