// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";

export default class Options extends CtlCommand {
  static override readonly words = ["options"];
  static readonly group = CtlGroup.utility;
  static override readonly summary = "Lists the flags that every command takes";
  static override readonly synopsis = "options";
  static override readonly load = async () => (await import("../../cli/ctl/options.ts")).options;
}
