// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../../cli/ctl-command.ts";

export default class Lease extends CtlCommand {
  static override readonly words = ["lease"];
  static readonly group = CtlGroup.keyValue;
  static override readonly summary = "Works with leases";
  static override readonly synopsis = "lease";
}
