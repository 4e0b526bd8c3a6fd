// SPDX-License-Identifier: Apache-2.0

import { UtilCommand } from "../../../cli/util-command.ts";

export default class DbScanKeys extends UtilCommand {
  static override readonly words = ["db", "scan-keys"];
  static override readonly summary = "Shows the revisions on all pages, deleted ones too";
  static override readonly synopsis = "scan-keys <data dir or db file> <start revision>";
  static override readonly args = {
    path: { name: "path", required: true, description: "a database file or a data directory" },
    revision: { name: "revision", required: true, description: "the first revision, 0 for all" },
  };
  static override readonly load = async () => (await import("../../../cli/util/db.ts")).dbScanKeys;
}
