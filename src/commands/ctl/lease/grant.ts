// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class LeaseGrant extends CtlCommand {
  static override readonly words = ["lease", "grant"];
  static override readonly summary = "Grants a lease";
  static override readonly synopsis = "grant <ttl>";
  static override readonly args = {
    ttl: { name: "ttl", required: true, description: "how long it lives unrenewed, in seconds" },
  };
  static override readonly load = async () =>
    (await import("../../../cli/ctl/lease-grant.ts")).leaseGrant;
}
