// SPDX-License-Identifier: Apache-2.0

import { int64Flag } from "../../cli/flag.ts";
import { UtilCommand, UtilGroup } from "../../cli/util-command.ts";

export default class HashKv extends UtilCommand {
  static override readonly words = ["hashkv"];
  static override readonly group = UtilGroup.files;
  static override readonly summary = "Shows the hash of the key-value history in a database file";
  static override readonly synopsis = "hashkv <filename>";
  static override readonly args = {
    filename: {
      name: "filename",
      required: true,
      description: "a snapshot or a member's database",
    },
  };
  static override readonly flags = {
    rev: int64Flag("hash the history up to this revision, 0 for all"),
  };
  static override readonly load = async () => (await import("../../cli/util/hashkv.ts")).hashKv;
}
