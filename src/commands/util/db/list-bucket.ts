// SPDX-License-Identifier: Apache-2.0

import { UtilCommand } from "../../../cli/util-command.ts";

export default class DbListBucket extends UtilCommand {
  static override readonly words = ["db", "list-bucket"];
  static override readonly summary = "Lists the buckets of a database";
  static override readonly synopsis = "list-bucket <data dir or db file>";
  static override readonly args = {
    path: { name: "path", required: true, description: "a database file or a data directory" },
  };
  static override readonly load = async () =>
    (await import("../../../cli/util/db.ts")).dbListBucket;
}
