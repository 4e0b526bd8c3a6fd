// SPDX-License-Identifier: Apache-2.0

import { UtilCommand } from "../../../cli/util-command.ts";

export default class DbGetHash extends UtilCommand {
  static override readonly words = ["db", "get-hash"];
  static override readonly summary = "Shows the hash over all buckets of a database";
  static override readonly synopsis = "get-hash <data dir or db file>";
  static override readonly args = {
    path: { name: "path", required: true, description: "a database file or a data directory" },
  };
  static override readonly load = async () => (await import("../../../cli/util/db.ts")).dbGetHash;
}
