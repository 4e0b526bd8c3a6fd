// SPDX-License-Identifier: Apache-2.0

import { walPlaceFlags } from "../../cli/util/wal-place.ts";
import { UtilCommand, UtilGroup } from "../../cli/util-command.ts";

export default class Check extends UtilCommand {
  static override readonly words = ["check"];
  static override readonly group = UtilGroup.files;
  static override readonly summary = "Checks a member's log, snapshots, store and membership";
  static override readonly description =
    "Checks the log, the .snap files, the store (of this program or of Go etcd) and the membership " +
    "of a stopped member, each by itself and against the others. Changes nothing. Exit codes: " +
    "0 clean, 2 warnings only, 3 errors, 1 nothing could be checked.";
  static override readonly synopsis = "check --data-dir <directory>";
  static override readonly flags = walPlaceFlags;
  static override readonly load = async () => (await import("../../cli/util/check.ts")).check;
}
