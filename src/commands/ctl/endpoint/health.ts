// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class EndpointHealth extends CtlCommand {
  static override readonly words = ["endpoint", "health"];
  static override readonly summary = "Checks that each endpoint takes part in a working cluster";
  static override readonly synopsis = "health";
  static override readonly load = async () =>
    (await import("../../../cli/ctl/endpoint-health.ts")).endpointHealth;
}
