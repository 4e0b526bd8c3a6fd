// SPDX-License-Identifier: Apache-2.0

import type { CommandClass, Program } from "../../cli/command.ts";
import { durationFlag, type Flags, textFlag } from "../../cli/flag.ts";
import { UtilGroup } from "../../cli/util-command.ts";
import Check from "./check.ts";
import Completion from "./completion.ts";
import DbGetHash from "./db/get-hash.ts";
import Db from "./db/index.ts";
import DbIterateBucket from "./db/iterate-bucket.ts";
import DbListBucket from "./db/list-bucket.ts";
import DbScanKeys from "./db/scan-keys.ts";
import Defrag from "./defrag.ts";
import Export from "./export.ts";
import HashKv from "./hashkv.ts";
import Help from "./help.ts";
import Migrate from "./migrate.ts";
import Snapshot from "./snapshot/index.ts";
import SnapshotRestore from "./snapshot/restore.ts";
import SnapshotStatus from "./snapshot/status.ts";
import Version from "./version.ts";
import WalDump from "./wal/dump.ts";
import WalTools from "./wal/index.ts";
import WalRepair from "./wal/repair.ts";
import WalVerify from "./wal/verify.ts";

const LOCK_WAIT = 10_000_000_000n;

const globalFlags: Flags = {
  timeout: durationFlag("longest wait for a file that another process uses, 0 for ever", LOCK_WAIT),
  "write-out": textFlag("output format: fields, json, protobuf, simple or table", {
    char: "w",
    value: "simple",
    choices: ["fields", "json", "protobuf", "simple", "table"],
  }),
};

const commands: readonly CommandClass[] = [
  Defrag,
  HashKv,
  Migrate,
  Export,
  Snapshot,
  SnapshotRestore,
  SnapshotStatus,
  Db,
  DbListBucket,
  DbIterateBucket,
  DbScanKeys,
  DbGetHash,
  Check,
  WalTools,
  WalDump,
  WalVerify,
  WalRepair,
  Version,
  Completion,
  Help,
];

/** The program for work on files without a server, `etcdutl`. */
export const utilProgram: Program = {
  name: "etcdutl",
  summary: "Works on the files of etcd without a server",
  groups: Object.values(UtilGroup),
  commands,
  globalFlags,
  repeatsErrors: true,
};
