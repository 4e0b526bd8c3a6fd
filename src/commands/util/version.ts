// SPDX-License-Identifier: Apache-2.0

import { UtilCommand, UtilGroup } from "../../cli/util-command.ts";

export default class Version extends UtilCommand {
  static override readonly words = ["version"];
  static override readonly group = UtilGroup.utility;
  static override readonly summary = "Prints the version of the program and of the API";
  static override readonly synopsis = "version";
  static override readonly load = async () => (await import("../../cli/ctl/version.ts")).version;
}
