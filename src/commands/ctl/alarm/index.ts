// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../../cli/ctl-command.ts";

export default class Alarm extends CtlCommand {
  static override readonly words = ["alarm"];
  static readonly group = CtlGroup.maintenance;
  static override readonly summary = "Works with alarms";
  static override readonly synopsis = "alarm";
}
