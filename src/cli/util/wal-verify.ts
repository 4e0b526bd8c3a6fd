// SPDX-License-Identifier: Apache-2.0

import { verifyWal, type WalSurvey } from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { exactly } from "./database.ts";
import {
  counted,
  findingCount,
  findingLines,
  findingsExit,
  findingsFormat,
  findingsJson,
} from "./findings.ts";
import { walReading } from "./wal-place.ts";

export async function walVerify(call: Call): Promise<number> {
  exactly(call, 0);
  const format = findingsFormat(call);
  const { findings, survey } = await walReading(
    call,
    { storeTimes: 0, printsRows: false },
    verifyWal,
  );
  const text =
    format === "json"
      ? findingsJson(findings, surveyFields(survey))
      : `${findingLines(findings)}${surveyText(survey)}: ${findingCount(findings)}\n`;
  call.terminal.out(text);
  return findingsExit(findings);
}

/** What a log holds, for people. */
export function surveyText({ directory, segments, records, log }: WalSurvey): string {
  const { firstIndex, lastIndex, hardState } = log;
  const entries = firstIndex === undefined ? "no entries" : `entries ${firstIndex} to ${lastIndex}`;
  const counts = `${counted(segments, "segment")}, ${counted(records, "record")}`;
  return `${directory}: ${counts}, ${entries}, commit ${hardState.commit}`;
}

/** The same as fields of JSON. */
export function surveyFields({ directory, segments, records, log }: WalSurvey) {
  const { firstIndex, lastIndex, hardState, metadata } = log;
  return {
    directory,
    segments,
    records,
    firstIndex: firstIndex ?? 0,
    lastIndex,
    term: hardState.term,
    commit: hardState.commit,
    member: metadata?.member.toString(16) ?? "",
    cluster: metadata?.cluster.toString(16) ?? "",
  };
}
