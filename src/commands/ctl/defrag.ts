// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag } from "../../cli/flag.ts";

export default class Defrag extends CtlCommand {
  static override readonly words = ["defrag"];
  static readonly group = CtlGroup.maintenance;
  static override readonly summary = "Gives unused space of members back to the disk";
  static override readonly synopsis = "defrag";
  static readonly persistentFlags = {
    cluster: boolFlag("visit every member of the cluster"),
  };
  static override readonly load = async () => (await import("../../cli/ctl/defrag.ts")).defrag;
}
