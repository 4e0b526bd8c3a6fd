// SPDX-License-Identifier: Apache-2.0

import { UtilCommand, UtilGroup } from "../../../cli/util-command.ts";

export default class WalTools extends UtilCommand {
  static override readonly words = ["wal"];
  static override readonly group = UtilGroup.files;
  static override readonly summary = "Looks into a member's log, checks and repairs it";
  static override readonly synopsis = "wal <subcommand>";
}
