// SPDX-License-Identifier: Apache-2.0

import { boolFlag } from "../../../cli/flag.ts";
import { walPlaceFlags } from "../../../cli/util/wal-place.ts";
import { UtilCommand } from "../../../cli/util-command.ts";

export default class WalRepair extends UtilCommand {
  static override readonly words = ["wal", "repair"];
  static override readonly summary = "Cuts off the end of a log that a crash has torn";
  static override readonly description =
    "Cuts off a last record that a crash has left incomplete, and keeps the file as it was beside " +
    "it as .broken. Without --apply it only says what it would do. Any other damage is refused. " +
    "Exit codes: 0 nothing to repair or repaired, 2 there is something to repair, 3 refused, " +
    "1 nothing could be checked.";
  static override readonly synopsis = "wal repair --data-dir <directory>";
  static override readonly flags = {
    ...walPlaceFlags,
    apply: boolFlag("change the log, instead of saying what would be changed"),
  };
  static override readonly load = async () =>
    (await import("../../../cli/util/wal-repair.ts")).walRepair;
}
