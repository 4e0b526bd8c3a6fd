// SPDX-License-Identifier: Apache-2.0

import { boolFlag, textFlag, uintFlag } from "../../../cli/flag.ts";
import { UtilCommand } from "../../../cli/util-command.ts";

const MAP_BYTES = 10_737_418_240n;

export default class SnapshotRestore extends UtilCommand {
  static override readonly words = ["snapshot", "restore"];
  static override readonly summary = "Makes a data directory of a snapshot, for a new cluster";
  static override readonly description =
    `Makes a data directory of a snapshot, for a member of a new cluster.

Every member of the new cluster restores the same file, each with its own name and peer URLs.
The directory is one of etcdx, or with --format go one that Go etcd starts on. It takes its name
when it is whole; what cannot be restored leaves nothing behind.`;
  static override readonly synopsis = "restore <filename> --data-dir <directory>";
  static override readonly args = {
    filename: { name: "filename", required: true, description: "the snapshot" },
  };
  static override readonly flags = {
    "data-dir": textFlag("directory to make, <name>.etcd if not given"),
    "wal-dir": textFlag("directory to make for the log, within the data directory if not given"),
    format: textFlag("whose data directory to make: etcdx or go", {
      value: "etcdx",
      choices: ["etcdx", "go"],
    }),
    "initial-cluster": textFlag("members of the new cluster", {
      value: "default=http://localhost:2380",
    }),
    "initial-cluster-token": textFlag("what tells the new cluster from others", {
      value: "etcd-cluster",
    }),
    "initial-advertise-peer-urls": textFlag("peer URLs of this member", {
      value: "http://localhost:2380",
    }),
    name: textFlag("name of this member", { value: "default" }),
    "skip-hash-check": boolFlag("take a file without a hash, such as a copy of a database"),
    "initial-memory-map-size": uintFlag(
      "how much of the database Go etcd's tool maps at first; nothing is mapped here",
      MAP_BYTES,
    ),
    "bump-revision": uintFlag("raise the revision by so much", 0n),
    "mark-compacted": boolFlag("mark everything before the raised revision as compacted"),
  };
  static override readonly load = async () =>
    (await import("../../../cli/util/snapshot-restore.ts")).restore;
}
