// SPDX-License-Identifier: Apache-2.0

import { checkFlags } from "../../../cli/check-flags.ts";
import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class CheckPerf extends CtlCommand {
  static override readonly words = ["check", "perf"];
  static override readonly summary = "Writes at a steady rate for a minute and judges the answers";
  static readonly description = `Writes at a steady rate for a minute and judges the answers.

    s    150 writes a second by 50 clients
    m    1,000 by 200
    l    8,000 by 500
    xl   15,000 by 1,000

Passed is what reaches nine tenths of the rate without an error, with no answer later than half a
second and a standard deviation of at most 0.1 seconds. The keys are deleted at the end.`;
  static override readonly synopsis = "perf [options]";
  static override readonly flags = checkFlags("/etcdctl-check-perf/");
  static override readonly load = async () =>
    (await import("../../../cli/ctl/check-perf.ts")).checkPerf;
}
