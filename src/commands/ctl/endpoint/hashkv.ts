// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";
import { int64Flag } from "../../../cli/flag.ts";

export default class EndpointHashKv extends CtlCommand {
  static override readonly words = ["endpoint", "hashkv"];
  static override readonly summary = "Shows the hash of the key-value history of each endpoint";
  static override readonly synopsis = "hashkv";
  static override readonly flags = {
    rev: int64Flag("hash the history up to this revision, 0 for all"),
  };
  static override readonly load = async () =>
    (await import("../../../cli/ctl/endpoint-hashkv.ts")).endpointHashKv;
}
