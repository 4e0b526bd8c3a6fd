// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../../cli/ctl-command.ts";

export default class Member extends CtlCommand {
  static override readonly words = ["member"];
  static readonly group = CtlGroup.maintenance;
  static override readonly summary = "Works with the members of the cluster";
  static override readonly synopsis = "member";
}
