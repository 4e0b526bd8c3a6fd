// SPDX-License-Identifier: Apache-2.0

import { checkFlags } from "../../../cli/check-flags.ts";
import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class CheckDatascale extends CtlCommand {
  static override readonly words = ["check", "datascale"];
  static override readonly summary = "Shows how much memory a server takes for many keys";
  static readonly description = `Shows how much memory a server takes for many keys.

    s    10,000 keys by 50 clients
    m    100,000 by 200
    l    1,000,000 by 500
    xl   3,000,000 by 1,000

Each key has 512 bytes and so has its value. The memory is that of the first endpoint, read from
its metrics before and after. The keys are deleted at the end.`;
  static override readonly synopsis = "datascale [options]";
  static override readonly flags = checkFlags("/etcdctl-check-datascale/");
  static override readonly load = async () =>
    (await import("../../../cli/ctl/check-datascale.ts")).checkDatascale;
}
