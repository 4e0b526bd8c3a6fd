// SPDX-License-Identifier: Apache-2.0

import { walPlaceFlags } from "../../../cli/util/wal-place.ts";
import { UtilCommand } from "../../../cli/util-command.ts";

export default class WalVerify extends UtilCommand {
  static override readonly words = ["wal", "verify"];
  static override readonly summary = "Checks every record of a log, and its .snap files";
  static override readonly description =
    "Checks every record of a log against what came before, and the .snap files against the log. " +
    "Changes nothing. Exit codes: 0 clean, 2 warnings only, 3 errors, 1 nothing could be checked.";
  static override readonly synopsis = "wal verify --data-dir <directory>";
  static override readonly flags = walPlaceFlags;
  static override readonly load = async () =>
    (await import("../../../cli/util/wal-verify.ts")).walVerify;
}
