// SPDX-License-Identifier: Apache-2.0

import { boolFlag, int64Flag } from "../../../cli/flag.ts";
import { UtilCommand } from "../../../cli/util-command.ts";

export default class DbIterateBucket extends UtilCommand {
  static override readonly words = ["db", "iterate-bucket"];
  static override readonly summary = "Shows the keys and values of a bucket, the last key first";
  static override readonly synopsis = "iterate-bucket <data dir or db file> <bucket>";
  static override readonly args = {
    path: { name: "path", required: true, description: "a database file or a data directory" },
    bucket: { name: "bucket", required: true, description: "name of the bucket" },
  };
  static override readonly flags = {
    limit: int64Flag("show at most so many, 0 for all"),
    decode: boolFlag("take keys and values of known buckets apart"),
  };
  static override readonly load = async () =>
    (await import("../../../cli/util/db.ts")).dbIterateBucket;
}
