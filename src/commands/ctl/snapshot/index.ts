// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../../cli/ctl-command.ts";

export default class Snapshot extends CtlCommand {
  static override readonly words = ["snapshot"];
  static readonly group = CtlGroup.maintenance;
  static override readonly summary = "Takes snapshots of a member";
  static override readonly synopsis = "snapshot <subcommand>";
}
