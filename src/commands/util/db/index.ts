// SPDX-License-Identifier: Apache-2.0

import { UtilCommand, UtilGroup } from "../../../cli/util-command.ts";

export default class Db extends UtilCommand {
  static override readonly words = ["db"];
  static override readonly group = UtilGroup.files;
  static override readonly summary = "Looks into database files";
  static override readonly synopsis = "db <subcommand>";
}
