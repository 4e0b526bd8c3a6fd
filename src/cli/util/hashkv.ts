// SPDX-License-Identifier: Apache-2.0

import { databaseHashKv } from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { databaseOptions, exactly } from "./database.ts";
import { reading } from "./reading.ts";
import { printReport, reportFormat } from "./report.ts";

export async function hashKv(call: Call): Promise<number> {
  const [path = ""] = exactly(call, 1);
  const format = reportFormat(call);
  const revision = call.values.bigint("rev");
  // What a compaction has left is told apart in a pass of its own.
  const passes = [{ path, times: 2 }];
  const answer = await reading(call, { passes, isOfEtcd: true, printsRows: false }, (disk) =>
    databaseHashKv(databaseOptions(call, path, disk), Number(revision)),
  );
  const { hash, compactRevision } = answer;
  // A negative one is told as it was given, down to the last digit.
  const hashRevision = revision < 0n ? String(revision) : answer.hashRevision;
  printReport(call, format, {
    titles: ["hash", "hash revision", "compact revision"],
    cells: [hash, hashRevision, compactRevision].map(String),
    fields: [
      ["Hash", hash],
      ["Hash revision", hashRevision],
      ["Compact revision", compactRevision],
    ],
    json:
      `{"hash":${hash},"hashRevision":${hashRevision},` + `"compactRevision":${compactRevision}}`,
  });
  return ExitCode.success;
}
