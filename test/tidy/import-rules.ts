// SPDX-License-Identifier: Apache-2.0

/** A folder below `src` and what its files may import besides their own folder. */
export interface ImportRule {
  readonly folder: string;
  readonly mayImport: readonly string[];
}

const engines: readonly string[] = [
  "core/mvcc",
  "core/lease",
  "core/auth",
  "core/membership",
  "core/alarm",
];
const stores: readonly string[] = [
  "core/wal",
  "core/snap",
  "core/bolt",
  "core/etcd-db",
  "core/backend",
];

function rule(folder: string, ...mayImport: readonly string[]): ImportRule {
  return { folder, mayImport };
}

/**
 * The one direction in which data flows, as a table. The rule of the longest matching folder
 * counts; a folder stands for everything below it. Type-only imports count like all others.
 */
export const importRules: readonly ImportRule[] = [
  rule("base"),
  rule("api", "base"),
  rule("platform", "base"),
  ...["core/bolt", "core/backend", "core/raft"].map((folder) => rule(folder, "api", "base")),
  rule("core/etcd-db", "core/bolt", "api", "base"),
  // What the log and its snapshots hold are raft's entries and states, in raft's encoding.
  rule("core/wal", "core/raft", "api", "base"),
  rule("core/snap", "core/raft", "api", "base"),
  ...engines.map((folder) => rule(folder, "core/backend", "api", "base")),
  rule("core/apply", ...engines, "core/backend", "api", "base"),
  // Of the backend it only passes the handle on to `core/apply`.
  rule("core/replica", "core/raft", "core/apply", "core/backend", "api", "base"),
  rule("client", "api", "platform", "base"),
  rule("interchange", "core", "platform", "base"),
  rule("member", "core", "api", "base"),
  rule("cluster-urls", "base"),
  rule("offline", "interchange", "member", "cluster-urls", "core", "api", "platform", "base"),
  rule("server/config", "cluster-urls", "platform", "api", "base"),
  rule("server/observe", "platform", "api", "base"),
  rule("server/net", "platform", "api", "base"),
  rule("server/h2", "server/net", "base"),
  rule("server/http", "server/replica", "server/net", "server/observe", "core", "api", "base"),
  rule(
    "server/grpc",
    "server/replica",
    "server/h2",
    "server/net",
    "server/observe",
    "core",
    "api",
    "base",
  ),
  rule("server/rafthttp", "server/replica", "server/net", "server/observe", "core", "api", "base"),
  rule("server/jobs", "server/replica", "server/net", "server/observe", "core", "api", "base"),
  rule("server/gateway", "server/grpc", "server/net", "server/observe", "api", "base"),
  rule("server/proxy", "server/grpc", "server/net", "server/observe", "client", "api", "base"),
  rule("server/replica", "core", "platform", "server/config", "server/observe", "api", "base"),
  rule(
    "server/bootstrap",
    "interchange",
    "member",
    "core",
    "platform",
    "server/config",
    "server/observe",
    "client",
    "api",
    "base",
  ),
  rule("server/embed", "server", "interchange", "member", "core", "platform", "api", "base"),
  rule("cli", "client", "api", "base"),
  rule("cli/util", "cli", "offline", "api", "platform", "base"),
  rule("commands/ctl", "cli", "client", "api", "platform", "base"),
  rule("commands/util", "cli", "offline", "api", "platform", "base"),
  rule(
    "commands/server",
    "cli",
    "server/embed",
    "server/config",
    "server/observe",
    "server/proxy",
    "platform",
    "api",
    "base",
  ),
  // The programs' front door chooses a command; the list of commands is for oclif.
  rule("main.ts", "cli", "commands"),
  rule("oclif-commands.ts", "commands", "main.ts"),
];

/** Folders whose `index.ts` is the only way in: one level below these, or the folder itself. */
export const doors: readonly string[] = [
  "client",
  "cluster-urls",
  "interchange",
  "member",
  "server/config",
  "server/embed",
  "server/h2",
  "server/http",
  "server/net",
  "server/observe",
];
/** Every folder right below this one has such a door. */
export const doorsBelow = "core";

/** Names that make an engine depend on when, where or how often it runs. */
export const engineBans: readonly string[] = [
  "Date",
  "Math.random",
  "Promise",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
];
/** The same for the stores, which may wait for the disk that is handed to them. */
export const storeBans: readonly string[] = engineBans.filter((name) => name !== "Promise");

export interface BanRule {
  readonly folder: string;
  readonly names: readonly string[];
  /** Whether Node's own modules and packages are forbidden too. */
  readonly foreignImports: boolean;
  /** Path prefixes that the rule leaves alone. */
  readonly except: readonly string[];
}

export const banRules: readonly BanRule[] = [
  ...[...engines, "core/raft", "core/apply", "core/replica"].map((folder) => ({
    folder,
    names: engineBans,
    foreignImports: true,
    except: [],
  })),
  ...stores.map((folder) => ({
    folder,
    names: storeBans,
    foreignImports: true,
    // The one place that knows LMDB.
    except: ["core/backend/lmdb"],
  })),
];
