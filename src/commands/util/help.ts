// SPDX-License-Identifier: Apache-2.0

import { UtilCommand, UtilGroup } from "../../cli/util-command.ts";

export default class Help extends UtilCommand {
  static override readonly words = ["help"];
  static override readonly group = UtilGroup.utility;
  static override readonly summary = "Explains a command";
  static override readonly synopsis = "help [command]";
  static override readonly args = {
    command: { name: "command", description: "words of the command to explain" },
  };
  static override readonly load = async () => (await import("../../cli/ctl/help.ts")).help;
}
