// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag, int64Flag } from "../../cli/flag.ts";

export default class Watch extends CtlCommand {
  static override readonly words = ["watch"];
  static readonly group = CtlGroup.keyValue;
  static override readonly summary = "Follows the changes of a key or a range of keys";
  static override readonly synopsis =
    "watch [options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]";
  static override readonly args = {
    key: { name: "key", description: "key or prefix; else ETCDCTL_WATCH_KEY" },
    range_end: { name: "range_end", description: "key behind the last one of the range" },
  };
  static override readonly flags = {
    interactive: boolFlag("read what to watch from the standard input", { char: "i" }),
    prefix: boolFlag("watch all keys that begin with the key"),
    rev: int64Flag("first revision to show, 0 for changes from now on"),
    "prev-kv": boolFlag("show the key and value before each change too"),
    "progress-notify": boolFlag("show how far the watch has come from time to time"),
  };
  static override readonly load = async () => (await import("../../cli/ctl/watch.ts")).watch;
}
