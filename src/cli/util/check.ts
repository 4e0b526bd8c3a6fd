// SPDX-License-Identifier: Apache-2.0

import { checkDirectory, type DirectoryCheck } from "../../offline/index.ts";
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
import { surveyFields, surveyText } from "./wal-verify.ts";

export async function check(call: Call): Promise<number> {
  exactly(call, 0);
  const format = findingsFormat(call);
  // Its pages, its rows, its index.
  const { findings, survey, store } = await walReading(
    call,
    { storeTimes: 3, printsRows: false },
    checkDirectory,
  );
  if (format === "json") {
    const wal = survey === undefined ? null : surveyFields(survey);
    call.terminal.out(findingsJson(findings, { wal, store: storeFields(store) }));
  } else {
    const lines = [
      ...(survey === undefined ? [] : [`${surveyText(survey)}\n`]),
      ...(store === undefined ? [] : [`${storeText(store)}\n`]),
    ];
    call.terminal.out(`${findingLines(findings)}${lines.join("")}${findingCount(findings)}\n`);
  }
  return findingsExit(findings);
}

function storeText({ path, place, keys }: NonNullable<DirectoryCheck["store"]>): string {
  const revision = `revision ${Math.max(keys.lastRevision, keys.compactRevision, 1)}`;
  const rows = counted(keys.rows, "row");
  return `${path}: applied up to entry ${place.consistentIndex}, ${rows} of keys, ${revision}`;
}

function storeFields(store: DirectoryCheck["store"]) {
  if (store === undefined) return null;
  const { path, place, keys } = store;
  return {
    path,
    consistentIndex: place.consistentIndex,
    storageVersion: place.storageVersion,
    rows: keys.rows,
    revision: Math.max(keys.lastRevision, keys.compactRevision, 1),
    compactRevision: keys.compactRevision,
  };
}
