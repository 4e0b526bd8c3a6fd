// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class EndpointStatus extends CtlCommand {
  static override readonly words = ["endpoint", "status"];
  static override readonly summary = "Shows version, size and raft state of each endpoint";
  static override readonly synopsis = "status";
  static override readonly load = async () =>
    (await import("../../../cli/ctl/endpoint-status.ts")).endpointStatus;
}
