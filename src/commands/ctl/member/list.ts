// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";
import { textFlag } from "../../../cli/flag.ts";

export default class MemberList extends CtlCommand {
  static override readonly words = ["member", "list"];
  static override readonly summary = "Lists the members of the cluster";
  static override readonly synopsis = "list";
  static override readonly flags = {
    consistency: textFlag("l for a linearizable read, s for a serializable one", { value: "l" }),
  };
  static override readonly load = async () =>
    (await import("../../../cli/ctl/member-list.ts")).memberList;
}
