// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class LeaseList extends CtlCommand {
  static override readonly words = ["lease", "list"];
  static override readonly summary = "Lists all leases, those that end first before others";
  static override readonly synopsis = "list";
  static override readonly load = async () =>
    (await import("../../../cli/ctl/lease-list.ts")).leaseList;
}
