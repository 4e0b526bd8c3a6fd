// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag } from "../../cli/flag.ts";

export default class Elect extends CtlCommand {
  static override readonly words = ["elect"];
  static readonly group = CtlGroup.concurrency;
  static override readonly summary = "Stands for an election, or watches one";
  static override readonly synopsis = "elect <election-name> [proposal]";
  static override readonly args = {
    "election-name": { name: "election-name", required: true, description: "the election" },
    proposal: { name: "proposal", description: "what the leader lets others know" },
  };
  static override readonly flags = {
    listen: boolFlag("show who leads, without standing", { char: "l" }),
  };
  static override readonly load = async () => (await import("../../cli/ctl/elect.ts")).elect;
}
