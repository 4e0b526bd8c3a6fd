// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";
import { boolFlag } from "../../../cli/flag.ts";

export default class LeaseKeepAlive extends CtlCommand {
  static override readonly words = ["lease", "keep-alive"];
  static override readonly summary = "Renews a lease again and again, until it is gone";
  static override readonly synopsis = "keep-alive [options] <leaseID>";
  static override readonly args = {
    leaseID: { name: "leaseID", required: true, description: "the lease, in hexadecimal" },
  };
  static override readonly flags = {
    once: boolFlag("renew it once and end"),
  };
  static override readonly load = async () =>
    (await import("../../../cli/ctl/lease-keep-alive.ts")).leaseKeepAlive;
}
