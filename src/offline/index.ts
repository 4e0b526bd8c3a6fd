// SPDX-License-Identifier: Apache-2.0
//
// Work on files without a server. What is asked to read never writes; errors are `OfflineError`s
// whose text goes to the user as it is.

export {
  type BucketsFile,
  eachRow,
  findBuckets,
  listBuckets,
  type RowPlace,
  scanRows,
  wholeHash,
} from "./bucket-rows.ts";
export { checkDirectory, type DirectoryCheck } from "./check.ts";
export { databaseHashKv, type HashedKv, snapshotStatus } from "./database-answers.ts";
export { type OpenDatabase, readDatabase } from "./database-file.ts";
export { OfflineError } from "./errors.ts";
export { type Finding, Findings, findingPlace, type Severity } from "./finding.ts";
export { dumpWal, type WalDumpOptions, type WalDumpOutput } from "./wal-dump.ts";
export type { WalFilter } from "./wal-filter.ts";
export { RECORD_KINDS, recordJson, recordText } from "./wal-record.ts";
export { repairWal, type WalRepairOutcome } from "./wal-repair.ts";
export { REQUEST_KINDS } from "./wal-request.ts";
export type { WalSurvey } from "./wal-survey.ts";
export { verifyWal, type WalPlace, type WalVerdict } from "./wal-verify.ts";
