// SPDX-License-Identifier: Apache-2.0

import { CtlCommand, CtlGroup } from "../../cli/ctl-command.ts";
import { boolFlag } from "../../cli/flag.ts";

export default class Txn extends CtlCommand {
  static override readonly words = ["txn"];
  static readonly group = CtlGroup.keyValue;
  static override readonly summary = "Runs several requests as one transaction";
  static readonly description =
    `Reads a transaction from the standard input and runs it as one step.

It has three sections, each ended by an empty line: compares, the requests for the case that all
of them hold, and the requests for the case that one does not.

A compare is <target>("<key>") <operator> "<value>" with the targets version, create, mod, value
and lease and the operators =, !=, > and <. A request is a get, put or del as on the command line.

    mod("key1") > "0"

    put key1 "a new value"

    put key1 "the first value"
    put key2 "and another one"
`;
  static override readonly synopsis = "txn [options]";
  static override readonly flags = {
    interactive: boolFlag("show a prompt for each section", { char: "i" }),
  };
  static override readonly load = async () => (await import("../../cli/ctl/txn.ts")).txn;
}
