// SPDX-License-Identifier: Apache-2.0

import { textFlag } from "../../cli/flag.ts";
import { UtilCommand, UtilGroup } from "../../cli/util-command.ts";

export default class Export extends UtilCommand {
  static override readonly words = ["export"];
  static override readonly group = UtilGroup.files;
  static override readonly summary = "Makes a data directory for Go etcd of a stopped member";
  static override readonly description = `Makes a data directory for Go etcd of a stopped member.

The new directory has the same member and cluster IDs, revisions, leases and members; start Go etcd
on it with the flags that the member had. The member's own directory stays as it is. Do not run
both: they are the same member.`;
  static override readonly synopsis = "export --data-dir <directory> --to <directory>";
  static override readonly flags = {
    "data-dir": textFlag("data directory of the stopped member"),
    "wal-dir": textFlag("directory of its log, if that is not within the data directory"),
    to: textFlag("directory to make; it must not exist, or be empty"),
    "storage-version": textFlag("oldest etcd that has to start on it: 3.6 or 3.7", {
      value: "3.7",
      choices: ["3.6", "3.7"],
    }),
  };
  static override readonly load = async () =>
    (await import("../../cli/util/export.ts")).exportDirectory;
}
