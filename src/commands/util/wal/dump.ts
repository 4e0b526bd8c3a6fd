// SPDX-License-Identifier: Apache-2.0

import { int64Flag, listFlag, textFlag } from "../../../cli/flag.ts";
import { walPlaceFlags } from "../../../cli/util/wal-place.ts";
import { UtilCommand } from "../../../cli/util-command.ts";

export default class WalDump extends UtilCommand {
  static override readonly words = ["wal", "dump"];
  static override readonly summary = "Shows the records of a log and what they ask for";
  static override readonly description =
    "Shows the records of a log, of etcd 3.4 to 3.7 or of this program, one per line, with the " +
    "requests in them. Passwords and tokens are masked. With several filters a record has to " +
    "pass all of them.";
  static override readonly synopsis = "wal dump --data-dir <directory>";
  static override readonly flags = {
    ...walPlaceFlags,
    from: int64Flag("show entries and snapshots from this index on"),
    to: int64Flag("show entries and snapshots up to this index"),
    term: int64Flag("show entries, snapshots and hard states of this term"),
    kind: listFlag("show only these kinds of records and requests, such as state,put,txn", []),
    prefix: textFlag("show only entries that read or write keys with this beginning"),
  };
  static override readonly load = async () =>
    (await import("../../../cli/util/wal-dump.ts")).walDump;
}
