// SPDX-License-Identifier: Apache-2.0

import { textFlag } from "../../cli/flag.ts";
import { UtilCommand, UtilGroup } from "../../cli/util-command.ts";

export default class Defrag extends UtilCommand {
  static override readonly words = ["defrag"];
  static override readonly group = UtilGroup.files;
  static override readonly summary = "Gives unused space of a stopped member's store back";
  static override readonly description = `Gives unused space of a stopped member's store back.

The store is copied beside, of Go etcd or our own, and the copy takes its place once it is on disk: there
must be room for both. A member that runs is defragmented with etcdctl.`;
  static override readonly synopsis = "defrag --data-dir <directory>";
  static override readonly flags = {
    "data-dir": textFlag("data directory of the stopped member (required)"),
  };
  static override readonly load = async () => (await import("../../cli/util/defrag.ts")).defrag;
}
