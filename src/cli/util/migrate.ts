// SPDX-License-Identifier: Apache-2.0

import { nanosecondsToMs } from "../../base/go-duration.ts";
import { parseGoInt64 } from "../../base/go-number.ts";
import {
  fullText,
  isBelow,
  type MigrateNote,
  migrateMember,
  OLDEST,
  type StorageVersion,
  shortText,
} from "../../offline/migrate.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { type ConsoleFields, type ConsoleLevel, logToConsole } from "./console-log.ts";
import { offline } from "./database.ts";
import { requireFlags } from "./required-flags.ts";

const COMMAND_CALLER = "etcdutl/migrate_command.go";
const SCHEMA_CALLER = "schema/migration.go";

export async function migrate(call: Call): Promise<number> {
  const { values, terminal } = call;
  requireFlags(call, "data-dir", "target-version");
  const target = targetVersion(values.text("target-version"));
  const request = {
    dataDir: values.text("data-dir"),
    lockWaitMs: nanosecondsToMs(values.bigint("timeout")),
    target,
    isForced: values.bool("force"),
  };
  const tell = (note: MigrateNote): void => {
    const { caller, message, fields, level } = line(note);
    logToConsole(terminal, caller, message, fields, level);
  };
  await offline(migrateMember(new NodeDisk(), request, tell));
  return ExitCode.success;
}

function misused(text: string): CommandFailure {
  return new CommandFailure(ExitCode.badArguments, text);
}

function targetVersion(text: string): StorageVersion {
  const parts = text.split(".");
  if (parts.length !== 2) {
    throw misused(`wrong target version format, expected "X.Y", got ${JSON.stringify(text)}`);
  }
  const [major = "", minor = ""] = parts;
  const target = { major: number(major, text), minor: number(minor, text) };
  if (!isBelow(target, OLDEST)) return target;
  const least = JSON.stringify(shortText(OLDEST));
  throw misused(
    `target version ${JSON.stringify(shortText(target))} not supported. Minimal ${least}`,
  );
}

/** One part of a version. What follows a sign is taken for a pre-release, which no target has. */
function number(part: string, text: string): number {
  const sign = text.search(/[-+]/);
  if (sign >= 0) {
    const before = text.slice(0, sign);
    throw misused(`failed to parse target version: ${before} is not in dotted-tri format`);
  }
  const parsed = parseGoInt64(part, 10);
  if (parsed.ok) return Number(parsed.value);
  throw misused(`failed to parse target version: ${parsed.error}`);
}

interface Line {
  readonly caller: string;
  readonly message: string;
  readonly fields?: ConsoleFields;
  readonly level?: ConsoleLevel;
}

/** What etcdutl logs about it. */
function line(note: MigrateNote): Line {
  switch (note.kind) {
    case "up-to-date":
      return {
        caller: `${COMMAND_CALLER}:138`,
        message: "storage version up-to-date",
        fields: [["storage-version", shortText(note.version)]],
      };
    case "undetected":
      return {
        caller: `${COMMAND_CALLER}:134`,
        message:
          "failed to detect storage version. " +
          "Please make sure you are using data dir from etcd v3.5 and older",
        level: "error",
      };
    case "unreadable-log":
      return {
        caller: `${COMMAND_CALLER}:143`,
        message: "Failed to finalize config",
        fields: [["error", note.problem]],
        level: "error",
      };
    case "other-major":
      return {
        caller: `${SCHEMA_CALLER}:33`,
        message: "Changing major storage version is not supported",
        fields: [
          ["storage-version", fullText(note.from)],
          ["target-storage-version", fullText(note.to)],
        ],
        level: "error",
      };
    case "updated":
      return {
        caller: `${SCHEMA_CALLER}:65`,
        message: "updated storage version",
        fields: [["new-storage-version", fullText(note.version)]],
      };
    case "forcing":
      return {
        caller: `${COMMAND_CALLER}:152`,
        message: "normal migrate failed, trying with force",
        fields: [["error", note.problem]],
      };
    case "forced":
      return forcedLine(note.version);
  }
}

function forcedLine(version: StorageVersion | undefined): Line {
  if (version === undefined) {
    const message = "forcefully cleared storage version";
    return { caller: `${COMMAND_CALLER}:165`, message, level: "warn" };
  }
  return {
    caller: `${COMMAND_CALLER}:168`,
    message: "forcefully set storage version",
    fields: [["storage-version", shortText(version)]],
    level: "warn",
  };
}
