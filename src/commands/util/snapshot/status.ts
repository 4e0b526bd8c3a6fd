// SPDX-License-Identifier: Apache-2.0

import { UtilCommand } from "../../../cli/util-command.ts";

export default class SnapshotStatus extends UtilCommand {
  static override readonly words = ["snapshot", "status"];
  static override readonly summary = "Checks a snapshot and shows what is in it";
  static override readonly synopsis = "status <filename>";
  static override readonly args = {
    filename: {
      name: "filename",
      required: true,
      description: "a snapshot or a member's database",
    },
  };
  static override readonly load = async () =>
    (await import("../../../cli/util/snapshot-status.ts")).status;
}
