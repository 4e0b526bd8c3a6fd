// SPDX-License-Identifier: Apache-2.0

export {
  checkInitialCluster,
  formatInitialCluster,
  type InitialCluster,
  type InitialClusterResult,
  joinUrls,
  type MemberUrl,
  parseInitialCluster,
  parseMemberUrls,
  type UrlsEqual,
} from "../../cluster-urls/index.ts";
/**
 * The configuration of a server: one table of options drives flags, `ETCD_` variables, the YAML or
 * JSON file and the help. `loadServerConfig` is pure: it gets all its input as arguments and
 * answers either a frozen `ServerConfig` or what the program prints before it ends.
 *
 * Precedence is etcd's: with a configuration file nothing else counts; otherwise the command line,
 * then the environment, then the default; a variable for a flag that was also given is fatal.
 * Options without an effect here are refused, with exit code 1, unless they keep their default.
 */
export type { ConfigLine } from "./config-line.ts";
export type { Environment } from "./environment.ts";
export {
  type FeatureGate,
  featureGatesWith,
  LEASE_CHECKPOINT,
  LEASE_CHECKPOINT_PERSIST,
  PRIORITY_REQUEST,
} from "./feature-gates.ts";
export type { HostDetection } from "./finish.ts";
export {
  ExitCode,
  type LoadedExit,
  type LoadedRun,
  type LoadOptions,
  loadServerConfig,
  type ReadFile,
  type RuntimeFacts,
} from "./load.ts";
export type {
  AutoCompactionConfig,
  LoggingConfig,
  LogThreshold,
  ServerConfig,
} from "./server-config.ts";
