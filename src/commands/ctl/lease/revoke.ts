// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class LeaseRevoke extends CtlCommand {
  static override readonly words = ["lease", "revoke"];
  static override readonly summary = "Ends a lease and deletes its keys";
  static override readonly synopsis = "revoke <leaseID>";
  static override readonly args = {
    leaseID: { name: "leaseID", required: true, description: "the lease, in hexadecimal" },
  };
  static override readonly load = async () =>
    (await import("../../../cli/ctl/lease-revoke.ts")).leaseRevoke;
}
