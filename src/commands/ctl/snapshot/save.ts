// SPDX-License-Identifier: Apache-2.0

import { CtlCommand } from "../../../cli/ctl-command.ts";

export default class SnapshotSave extends CtlCommand {
  static override readonly words = ["snapshot", "save"];
  static override readonly summary = "Saves a snapshot of one member into a file";
  static override readonly synopsis = "save <filename>";
  static override readonly args = {
    filename: { name: "filename", required: true, description: "file to make or replace" },
  };
  static override readonly load = async () =>
    (await import("../../../cli/ctl/snapshot-save.ts")).snapshotSave;
}
