// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class AlarmDisarm extends CtlCommand {
  static override readonly words = ["alarm", "disarm"];
  static override readonly summary = "Switches all alarms off and lists them";
  static override readonly synopsis = "disarm";
  static override readonly load = async () =>
    (await import("../../../cli/ctl/alarm.ts")).alarmDisarm;
}
