// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { int64Flag } from "../../cli/flag.ts";

export default class Lock extends CtlCommand {
  static override readonly words = ["lock"];
  static readonly group = CtlGroup.concurrency;
  static override readonly summary = "Holds a lock, or runs a command under it";
  static override readonly synopsis = "lock <lockname> [exec-command arg1 arg2 ...]";
  static override readonly args = {
    lockname: { name: "lockname", required: true, description: "the lock's name" },
    "exec-command": { name: "exec-command", description: "command to run under the lock" },
  };
  static override readonly flags = {
    ttl: int64Flag("how long the lock outlives this process, in seconds", 10n),
  };
  static override readonly load = async () => (await import("../../cli/ctl/lock.ts")).lock;
}
