// SPDX-License-Identifier: Apache-2.0

import { goJsonString } from "../../base/go-json.ts";
import { snapshotStatus } from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { formatSize } from "../print/columns.ts";
import { databaseOptions } from "./database.ts";
import { reading } from "./reading.ts";
import { printReport, reportFormat } from "./report.ts";

export async function status(call: Call): Promise<number> {
  const [path] = call.positional;
  if (path === undefined || call.positional.length > 1) {
    const text = "snapshot status requires exactly one argument";
    throw new CommandFailure(ExitCode.badArguments, text);
  }
  // The check of the pages, the hash, the keys.
  const passes = [{ path, times: 3 }];
  const found = await reading(call, { passes, isOfEtcd: true, printsRows: false }, (disk) =>
    snapshotStatus(databaseOptions(call, path, disk)),
  );
  const { hash, revision, totalKeys, totalSizeBytes, version } = found;
  printReport(call, reportFormat(call), {
    titles: ["hash", "revision", "total keys", "total size", "version"],
    cells: [
      hash.toString(16),
      String(revision),
      String(totalKeys),
      formatSize(totalSizeBytes),
      version,
    ],
    fields: [
      ["Hash", hash],
      ["Revision", revision],
      ["Keys", totalKeys],
      ["Size", totalSizeBytes],
      ["Version", version],
    ],
    json:
      `{"hash":${hash},"revision":${revision},"totalKey":${totalKeys},` +
      `"totalSize":${totalSizeBytes},"version":${goJsonString(version)}}`,
  });
  return ExitCode.success;
}
