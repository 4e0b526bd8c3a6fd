// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag } from "../../cli/flag.ts";

export default class Compaction extends CtlCommand {
  static override readonly words = ["compaction"];
  static readonly group = CtlGroup.keyValue;
  static override readonly summary = "Drops the history before a revision";
  static override readonly synopsis = "compaction [options] <revision>";
  static override readonly args = {
    revision: { name: "revision", required: true, description: "first revision to keep" },
  };
  static override readonly flags = {
    physical: boolFlag("wait until the history is gone from the store"),
  };
  static override readonly load = async () =>
    (await import("../../cli/ctl/compaction.ts")).compaction;
}
