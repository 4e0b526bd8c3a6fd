// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag } from "../../cli/flag.ts";

export default class Del extends CtlCommand {
  static override readonly words = ["del"];
  static readonly group = CtlGroup.keyValue;
  static override readonly summary = "Deletes a key or a range of keys";
  static override readonly synopsis = "del [options] <key> [range_end]";
  static override readonly args = {
    key: { name: "key", required: true, description: "key, or first key of the range" },
    range_end: { name: "range_end", description: "key behind the last one of the range" },
  };
  static override readonly flags = {
    prefix: boolFlag("delete all keys that begin with the key"),
    "prev-kv": boolFlag("return the keys and values that are deleted"),
    "from-key": boolFlag("delete all keys from the key on, in byte order"),
    range: boolFlag("delete a range without the pause for second thoughts"),
  };
  static override readonly load = async () => (await import("../../cli/ctl/del.ts")).del;
}
