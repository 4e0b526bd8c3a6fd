// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class AlarmList extends CtlCommand {
  static override readonly words = ["alarm", "list"];
  static override readonly summary = "Lists the alarms that are on";
  static override readonly synopsis = "list";
  static override readonly load = async () => (await import("../../../cli/ctl/alarm.ts")).alarmList;
}
