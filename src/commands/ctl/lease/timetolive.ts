// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";
import { boolFlag } from "../../../cli/flag.ts";

export default class LeaseTimeToLive extends CtlCommand {
  static override readonly words = ["lease", "timetolive"];
  static override readonly summary = "Shows how long a lease still lives";
  static override readonly synopsis = "timetolive <leaseID> [options]";
  static override readonly args = {
    leaseID: { name: "leaseID", required: true, description: "the lease, in hexadecimal" },
  };
  static override readonly flags = {
    keys: boolFlag("show the keys of the lease too"),
  };
  static override readonly load = async () =>
    (await import("../../../cli/ctl/lease-time-to-live.ts")).leaseTimeToLive;
}
