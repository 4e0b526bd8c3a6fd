// SPDX-License-Identifier: Apache-2.0

import { exportMember } from "../../offline/export.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { logToConsole } from "./console-log.ts";
import { exactly } from "./database.ts";
import { longWork } from "./long-work.ts";

const CALLER = "util/export.ts";

export async function exportDirectory(call: Call): Promise<number> {
  const { values, terminal } = call;
  exactly(call, 0);
  const [dataDir, target] = [values.text("data-dir"), values.text("to")];
  for (const [flag, value] of Object.entries({ "data-dir": dataDir, to: target })) {
    if (value === "") throw new CommandFailure(ExitCode.badArguments, `--${flag} is required`);
  }
  const storageVersion = values.text("storage-version");
  if (storageVersion !== "3.6" && storageVersion !== "3.7") {
    const text = `cannot export for version ${JSON.stringify(storageVersion)}; give 3.6 or 3.7`;
    throw new CommandFailure(ExitCode.badArguments, text);
  }
  const walDir = values.text("wal-dir");
  const request = { dataDir, walDir, target, storageVersion } as const;
  const fields = [
    ["data-dir", dataDir],
    ["to", target],
    ["storage-version", storageVersion],
  ] as const;
  logToConsole(terminal, CALLER, "exporting data directory", fields);
  await longWork(call, { isOfEtcd: false }, (outside) =>
    exportMember(new NodeDisk(), request, outside),
  );
  logToConsole(terminal, CALLER, "exported data directory", fields);
  return ExitCode.success;
}
