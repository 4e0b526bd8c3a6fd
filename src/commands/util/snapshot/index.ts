// SPDX-License-Identifier: Apache-2.0

import { UtilCommand, UtilGroup } from "../../../cli/util-command.ts";

export default class Snapshot extends UtilCommand {
  static override readonly words = ["snapshot"];
  static override readonly group = UtilGroup.files;
  static override readonly summary = "Works with snapshot files";
  static override readonly synopsis = "snapshot <subcommand>";
}
