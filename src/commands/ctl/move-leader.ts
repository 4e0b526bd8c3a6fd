// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";

export default class MoveLeader extends CtlCommand {
  static override readonly words = ["move-leader"];
  static readonly group = CtlGroup.maintenance;
  static override readonly summary = "Makes another member the leader";
  static override readonly synopsis = "move-leader <transferee-member-id>";
  static override readonly args = {
    "transferee-member-id": {
      name: "transferee-member-id",
      required: true,
      description: "the member to lead, in hexadecimal",
    },
  };
  static override readonly load = async () =>
    (await import("../../cli/ctl/move-leader.ts")).moveLeader;
}
