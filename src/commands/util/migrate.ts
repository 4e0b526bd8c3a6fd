// SPDX-License-Identifier: Apache-2.0

import { boolFlag, textFlag } from "../../cli/flag.ts";
import { UtilCommand, UtilGroup } from "../../cli/util-command.ts";

export default class Migrate extends UtilCommand {
  static override readonly words = ["migrate"];
  static override readonly group = UtilGroup.files;
  static override readonly summary = "Changes which etcd a stopped member's data is written for";
  static override readonly synopsis = "migrate --data-dir <directory> --target-version <X.Y>";
  static override readonly flags = {
    "data-dir": textFlag("data directory of the stopped member (required)"),
    "target-version": textFlag("version of etcd to get to, such as 3.6; at least 3.5 (required)"),
    force: boolFlag("set the version even where the checks forbid it, at your own risk"),
  };
  static override readonly load = async () => (await import("../../cli/util/migrate.ts")).migrate;
}
