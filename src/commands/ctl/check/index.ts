// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../../cli/ctl-command.ts";

export default class Check extends CtlCommand {
  static override readonly words = ["check"];
  static readonly group = CtlGroup.utility;
  static override readonly summary = "Tries out what the cluster can do";
  static override readonly synopsis = "check";
}
