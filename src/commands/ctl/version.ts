// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";

export default class Version extends CtlCommand {
  static override readonly words = ["version"];
  static readonly group = CtlGroup.utility;
  static override readonly summary = "Prints the version of the program and of the API";
  static override readonly synopsis = "version";
  static override readonly load = async () => (await import("../../cli/ctl/version.ts")).version;
}
