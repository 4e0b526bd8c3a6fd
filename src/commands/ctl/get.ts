// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag, int64Flag, textFlag } from "../../cli/flag.ts";

export default class Get extends CtlCommand {
  static override readonly words = ["get"];
  static readonly group = CtlGroup.keyValue;
  static override readonly summary = "Reads a key or a range of keys";
  static override readonly synopsis = "get [options] <key> [range_end]";
  static override readonly args = {
    key: { name: "key", required: true, description: "key, or first key of the range" },
    range_end: { name: "range_end", description: "key behind the last one of the range" },
  };
  static override readonly flags = {
    consistency: textFlag("l for a linearizable read, s for a serializable one", {
      value: "l",
      choices: ["l", "s"],
    }),
    order: textFlag("direction of the order, ASCEND or DESCEND", {
      choices: ["ASCEND", "DESCEND"],
    }),
    "sort-by": textFlag("what to order by: CREATE, KEY, MODIFY, VALUE or VERSION", {
      choices: ["CREATE", "KEY", "MODIFY", "VALUE", "VERSION"],
    }),
    limit: int64Flag("most keys to return, 0 for all"),
    prefix: boolFlag("read all keys that begin with the key"),
    "from-key": boolFlag("read all keys from the key on, in byte order"),
    rev: int64Flag("read the state at this revision"),
    "keys-only": boolFlag("leave the values out"),
    "count-only": boolFlag("return the number of keys alone"),
    "print-value-only": boolFlag("print values alone, in the simple format"),
    "min-create-rev": int64Flag("leave out keys created before this revision"),
    "max-create-rev": int64Flag("leave out keys created after this revision"),
    "min-mod-rev": int64Flag("leave out keys last changed before this revision"),
    "max-mod-rev": int64Flag("leave out keys last changed after this revision"),
    stream: boolFlag("have the answer sent in pieces"),
  };
  static override readonly load = async () => (await import("../../cli/ctl/get.ts")).get;
}
