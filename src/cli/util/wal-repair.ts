// SPDX-License-Identifier: Apache-2.0

import { repairWal, type WalRepairOutcome } from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { exactly } from "./database.ts";
import {
  FindingsExit,
  findingCount,
  findingLines,
  findingsFormat,
  findingsJson,
} from "./findings.ts";
import { walReading } from "./wal-place.ts";

export async function walRepair(call: Call): Promise<number> {
  exactly(call, 0);
  const format = findingsFormat(call);
  const outcome = await walReading(call, { storeTimes: 0, printsRows: false }, (place) =>
    repairWal(place, call.values.bool("apply")),
  );
  const { terminal } = call;
  if (format === "json") terminal.out(outcomeJson(outcome));
  else if (outcome.kind !== "refused") terminal.out(outcomeText(outcome));
  else {
    terminal.out(findingLines(outcome.findings));
    const counts = findingCount(outcome.findings);
    terminal.error(`Error: not repaired: ${counts}; nothing was changed\n`);
  }
  return exitCode(outcome);
}

/** How the log is when the command ends. */
function exitCode(outcome: WalRepairOutcome): number {
  switch (outcome.kind) {
    case "clean":
      return FindingsExit.clean;
    case "torn":
      return outcome.isDone ? FindingsExit.clean : FindingsExit.warnings;
    case "refused":
      return FindingsExit.errors;
  }
}

function outcomeText(outcome: Exclude<WalRepairOutcome, { readonly kind: "refused" }>): string {
  if (outcome.kind === "clean") return "nothing to repair\n";
  const { torn, backup, isDone } = outcome;
  const at = `${torn.file} at offset ${torn.offset} (record ${torn.record})`;
  if (isDone) {
    return `${at}: cut off ${torn.bytes} bytes: ${torn.problem}\nthe file as it was is ${backup}\n`;
  }
  return (
    `${at}: would cut off ${torn.bytes} bytes: ${torn.problem}\n` +
    `the file as it is would be kept as ${backup}\nnothing was changed; repair it with --apply\n`
  );
}

function outcomeJson(outcome: WalRepairOutcome): string {
  if (outcome.kind === "clean") return '{"repair":"none"}\n';
  if (outcome.kind === "refused") return findingsJson(outcome.findings, { repair: "refused" });
  const { torn, backup, isDone } = outcome;
  return `${JSON.stringify({ repair: isDone ? "done" : "possible", ...torn, backup })}\n`;
}
