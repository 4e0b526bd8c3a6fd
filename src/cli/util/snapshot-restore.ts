// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import {
  checkTargets,
  type RestoreRequest,
  restoredMembers,
  restoreSnapshot,
} from "../../offline/restore.ts";
import type { RestoreNote } from "../../offline/restore-build.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { FlagValues } from "../flag.ts";
import type { Terminal } from "../terminal.ts";
import { type ConsoleFields, logToConsole } from "./console-log.ts";
import { offline, offlineNow } from "./database.ts";
import { longWork } from "./long-work.ts";

const CALLER = "snapshot/v3_snapshot.go";

export async function restore(call: Call): Promise<number> {
  const { values, terminal } = call;
  const request = restoreRequest(call);
  const members = await offline(restoredMembers(request));
  const disk = new NodeDisk();
  offlineNow(() => checkTargets(disk, request));
  const fields = describeRestore(request, values);
  logToConsole(terminal, `${CALLER}:306`, "restoring snapshot", fields);
  const note = (about: RestoreNote): void => logNote(terminal, about);
  await longWork(call, { isOfEtcd: true, note }, (outside) =>
    restoreSnapshot(disk, request, members, outside),
  );
  logToConsole(terminal, `${CALLER}:334`, "restored snapshot", fields);
  return ExitCode.success;
}

function logNote(terminal: Terminal, note: RestoreNote): void {
  switch (note.kind) {
    case "trimmed": {
      const text = "Trimming membership information from the backend...";
      return logToConsole(terminal, "schema/membership.go:125", text);
    }
    case "raised": {
      const { from, by } = note;
      logToConsole(terminal, `${CALLER}:397`, "bumping latest revision", [
        ["latest-revision", from],
        ["bump-amount", by],
        ["new-latest-revision", from + by],
      ]);
      const fields = [["revision", from + by]] as const;
      return logToConsole(terminal, `${CALLER}:414`, "marking revision compacted", fields);
    }
    case "added": {
      const { id, peerUrls, isLearner } = note.member;
      return logToConsole(terminal, "membership/cluster.go:408", "added member", [
        ["cluster-id", note.clusterId.toString(16)],
        ["local-member-id", "0"],
        ["added-peer-id", id.toString(16)],
        ["added-peer-peer-urls", peerUrls],
        ["added-peer-is-learner", isLearner],
      ]);
    }
  }
}

function restoreRequest({ values, positional }: Call): RestoreRequest {
  const [snapshot] = positional;
  if (snapshot === undefined || positional.length > 1) {
    const text = "snapshot restore requires exactly one argument";
    throw new CommandFailure(ExitCode.badArguments, text);
  }
  const name = values.text("name");
  return {
    snapshot,
    dataDir: values.text("data-dir") || `${name}.etcd`,
    walDir: values.text("wal-dir"),
    format: directoryFormat(values),
    name,
    initialCluster: values.text("initial-cluster"),
    token: values.text("initial-cluster-token"),
    advertisePeerUrls: values.text("initial-advertise-peer-urls"),
    skipsHashCheck: values.bool("skip-hash-check"),
    bumpRevision: bumpedBy(values),
  };
}

function directoryFormat(values: FlagValues): "etcdx" | "go" {
  const format = values.text("format");
  if (format === "etcdx" || format === "go") return format;
  const text = `unknown format ${JSON.stringify(format)}; give --format etcdx or go`;
  throw new CommandFailure(ExitCode.badArguments, text);
}

/** By how much the revision is raised; both flags go together. */
function bumpedBy(values: FlagValues): number {
  const bump = values.bigint("bump-revision");
  if (bump > 0n !== values.bool("mark-compacted")) {
    const text = "--mark-compacted required if --revision-bump > 0";
    throw new CommandFailure(ExitCode.badArguments, text);
  }
  if (bump <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(bump);
  const text = `--bump-revision must not be greater than ${Number.MAX_SAFE_INTEGER}`;
  throw new CommandFailure(ExitCode.badArguments, text);
}

function describeRestore(request: RestoreRequest, values: FlagValues): ConsoleFields {
  const { snapshot, dataDir, walDir } = request;
  return [
    ["path", snapshot],
    ["wal-dir", walDir || join(dataDir, "member", "wal")],
    ["data-dir", dataDir],
    ["snap-dir", join(dataDir, "member", "snap")],
    ["initial-memory-map-size", Number(values.bigint("initial-memory-map-size"))],
  ];
}
