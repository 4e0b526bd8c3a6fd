// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag, int64Flag, textFlag, uintFlag } from "../../cli/flag.ts";

export default class MakeMirror extends CtlCommand {
  static override readonly words = ["make-mirror"];
  static readonly group = CtlGroup.utility;
  static override readonly summary = "Copies keys to another cluster and goes on following them";
  static override readonly synopsis = "make-mirror [options] <destination>";
  static override readonly args = {
    destination: { name: "destination", required: true, description: "endpoint to copy to" },
  };
  static override readonly flags = {
    prefix: textFlag("copy the keys that begin with this"),
    rev: int64Flag("follow changes from this revision on, without a copy of what is there"),
    "max-txn-ops": uintFlag("most changes to write in one transaction", 128n),
    "dest-prefix": textFlag("what the keys begin with at the destination"),
    "no-dest-prefix": boolFlag("leave the prefix out at the destination"),
    "dest-cert": textFlag("file with the client's certificate for the destination"),
    "dest-key": textFlag("file with the key of that certificate"),
    "dest-cacert": textFlag("file with the authorities for the destination's certificates"),
    "dest-insecure-transport": boolFlag("connect to the destination without TLS", {
      value: true,
    }),
    "dest-user": textFlag("user[:password] to log in with at the destination"),
    "dest-password": textFlag("password to log in with at the destination"),
  };
  static override readonly load = async () =>
    (await import("../../cli/ctl/make-mirror.ts")).makeMirror;
}
