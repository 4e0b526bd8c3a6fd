// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../../cli/ctl-command.ts";
import { boolFlag } from "../../../cli/flag.ts";

export default class Endpoint extends CtlCommand {
  static override readonly words = ["endpoint"];
  static readonly group = CtlGroup.maintenance;
  static override readonly summary = "Looks at members one by one";
  static override readonly synopsis = "endpoint";
  static readonly persistentFlags = {
    cluster: boolFlag("visit every member of the cluster"),
  };
}
