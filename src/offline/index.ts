// SPDX-License-Identifier: Apache-2.0
//
// Work on files without a server. What is asked to read never writes; errors are `OfflineError`s
// whose text goes to the user as it is.

export { eachRow, listBuckets, type RowPlace, scanRows } from "./bucket-rows.ts";
export { databaseHashKv, type HashedKv, snapshotStatus, wholeHash } from "./database-answers.ts";
export { type OpenDatabase, readDatabase } from "./database-file.ts";
export { OfflineError } from "./errors.ts";
