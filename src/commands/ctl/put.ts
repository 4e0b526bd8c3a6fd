// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag, textFlag } from "../../cli/flag.ts";

export default class Put extends CtlCommand {
  static override readonly words = ["put"];
  static readonly group = CtlGroup.keyValue;
  static override readonly summary = "Writes a key";
  static readonly description = `Writes a key.

Without a value on the command line, and without --ignore-value, everything on the standard
input becomes the value: a file can be stored with "put <key> < file".

A value that begins with a dash would be read as a flag. Put "--" in front of it:
"put <key> -- <value>" or "put -- <key> <value>".`;
  static override readonly synopsis =
    "put [options] <key> <value> (<value> can also come on stdin)";
  static override readonly args = {
    key: { name: "key", required: true, description: "key to write" },
    value: { name: "value", description: "its value; read from the standard input if missing" },
  };
  static override readonly flags = {
    lease: textFlag("lease to bind the key to, in hexadecimal", { value: "0" }),
    "prev-kv": boolFlag("return the key and value that were there before"),
    "ignore-value": boolFlag("keep the value that the key has"),
    "ignore-lease": boolFlag("keep the lease that the key has"),
  };
  static override readonly load = async () => (await import("../../cli/ctl/put.ts")).put;
}
