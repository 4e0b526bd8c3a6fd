// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";

export default class Help extends CtlCommand {
  static override readonly words = ["help"];
  static readonly group = CtlGroup.utility;
  static override readonly summary = "Explains a command";
  static override readonly synopsis = "help [command]";
  static override readonly args = {
    command: { name: "command", description: "words of the command to explain" },
  };
  static override readonly load = async () => (await import("../../cli/ctl/help.ts")).help;
}
