// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "../../base/go-quote.ts";
import {
  checkBindUrls,
  checkHostUrls,
  joinUrls,
  type MemberUrl,
} from "../../cluster-urls/index.ts";
import type { ConfigLine } from "./config-line.ts";
import { LEASE_CHECKPOINT, LEASE_CHECKPOINT_PERSIST, switchedOn } from "./feature-gates.ts";
import type { LoggingConfig, LogThreshold } from "./server-config.ts";
import type { Settings } from "./settings.ts";

const CALLER = "config/validate.ts";
const ELECTION_TIMEOUT_MS_MAX = 50_000n;
/** The name of a member that nobody named. */
export const DEFAULT_NAME = "default";
/** The refusal that etcd repeats in a line of its own. */
export const ADVERTISE_CLIENT_URLS_MISSING =
  "--advertise-client-urls is required when --listen-client-urls is set explicitly";

export type LoggingResult =
  | { readonly kind: "ok"; readonly logging: LoggingConfig }
  /** The configuration is refused with this text. */
  | { readonly kind: "refused"; readonly error: string }
  /** Ours: something that etcd can do and we cannot yet. */
  | { readonly kind: "unsupported"; readonly what: string }
  /** etcd panics: exit code 2 and this text. */
  | { readonly kind: "panic"; readonly error: string };

const thresholds: ReadonlyMap<string, LogThreshold> = new Map([
  ["", "info"],
  ["debug", "debug"],
  ["info", "info"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["error", "error"],
  ["dpanic", "dpanic"],
  ["panic", "panic"],
  ["fatal", "fatal"],
]);

/** Checks the logging options, which etcd looks at before all others. */
export function checkLogging(settings: Settings): LoggingResult {
  const logger = settings.text("logger");
  if (logger === "capnslog") {
    return { kind: "refused", error: "--logger=capnslog is removed in v3.5" };
  }
  if (logger !== "zap") {
    return { kind: "refused", error: `unknown logger option ${goQuote(logger)}` };
  }
  const given = settings.list("log-outputs");
  const outputs = given.length === 0 ? ["default"] : given;
  if (outputs.length > 1 && outputs.includes("default")) {
    return { kind: "refused", error: 'multi logoutput for "default" is not supported yet' };
  }
  const levelText = settings.text("log-level");
  const level = thresholds.get(levelText) ?? thresholds.get(levelText.toLowerCase());
  if (level === undefined) {
    return { kind: "panic", error: `panic: unrecognized level: ${goQuote(levelText)}` };
  }
  const format = settings.text("log-format") || "json";
  if (format !== "json" && format !== "console") {
    const error = `unknown log format: ${format}, supported values json, console`;
    return { kind: "refused", error };
  }
  if (outputs.includes("systemd/journal")) {
    return { kind: "unsupported", what: "--log-outputs systemd/journal" };
  }
  return { kind: "ok", logging: { level, format, outputs: mergeOutputs(outputs) } };
}

/** `/dev/null` silences everything; otherwise sorted, without duplicates, `default` is stderr. */
function mergeOutputs(outputs: readonly string[]): readonly string[] {
  if (outputs.includes("/dev/null")) return ["/dev/null"];
  return [...new Set(outputs.map((path) => (path === "default" ? "stderr" : path)))].sort();
}

/**
 * Checks everything else in etcd's order and with its texts; undefined when the options hold.
 * Warnings that come up on the way are added to `lines`. `advertiseClientUrls` is undefined when
 * they are missing.
 */
export function checkSettings(
  settings: Settings,
  advertiseClientUrls: readonly MemberUrl[] | undefined,
  lines: ConfigLine[],
): string | undefined {
  const warn = (message: string, fields: ConfigLine["fields"] = {}): void => {
    lines.push({ level: "warn", caller: CALLER, message, fields, early: false });
  };
  const bindError =
    checkBindUrls(settings.urls("listen-peer-urls")) ??
    checkBindUrls(settings.urls("listen-client-urls"));
  if (bindError !== undefined) return bindError;
  warn("Running http and grpc server on single port. This is not recommended for production.");
  const error =
    checkAdvertised(settings, advertiseClientUrls ?? []) ??
    checkClusterState(settings) ??
    checkTimes(settings) ??
    checkAutoCompactionMode(settings);
  if (error !== undefined) return error;
  if (advertiseClientUrls === undefined) return ADVERTISE_CLIENT_URLS_MISSING;
  const gateError = checkGates(settings.list("feature-gates"));
  if (gateError !== undefined) return gateError;
  if (settings.text("name") === DEFAULT_NAME) {
    warn(
      "it isn't recommended to use default name, please set a value for --name. " +
        "Note that etcd might run into issue when multiple members have the same default name",
      { name: DEFAULT_NAME },
    );
  }
  return undefined;
}

function checkGates(gates: readonly string[]): string | undefined {
  if (!gates.includes(switchedOn(LEASE_CHECKPOINT_PERSIST))) return undefined;
  if (gates.includes(switchedOn(LEASE_CHECKPOINT))) return undefined;
  return (
    `enabling feature gate ${LEASE_CHECKPOINT_PERSIST} requires ` +
    `enabling feature gate ${LEASE_CHECKPOINT}`
  );
}

function checkAutoCompactionMode(settings: Settings): string | undefined {
  const mode = settings.text("auto-compaction-mode");
  if (mode === "periodic" || mode === "revision") return undefined;
  if (mode === "") return "undefined auto-compaction-mode";
  return `unknown auto-compaction-mode ${goQuote(mode)}`;
}

function checkAdvertised(
  settings: Settings,
  advertiseClientUrls: readonly MemberUrl[],
): string | undefined {
  const peerUrls = settings.urls("initial-advertise-peer-urls");
  const peerError = checkHostUrls(peerUrls);
  if (peerError !== undefined) {
    const list = goQuote(joinUrls(peerUrls));
    return `--initial-advertise-peer-urls ${list} must be "host:port" (${peerError})`;
  }
  const clientError = checkHostUrls(advertiseClientUrls);
  if (clientError === undefined) return undefined;
  const list = goQuote(joinUrls(advertiseClientUrls));
  const forms = '"host:port", "unix:/path/to/socket" or "unixs:/path/to/socket"';
  return `--advertise-client-urls ${list} must be in the format ${forms} (${clientError})`;
}

function checkClusterState(settings: Settings): string | undefined {
  const state = settings.text("initial-cluster-state");
  if (state === "new" || state === "existing") return undefined;
  return `unexpected clusterState ${goQuote(state)}`;
}

function checkTimes(settings: Settings): string | undefined {
  const heartbeat = settings.integer("heartbeat-interval");
  const election = settings.integer("election-timeout");
  if (heartbeat === 0n) return "--heartbeat-interval must be >0 (set to 0ms)";
  if (election === 0n) return "--election-timeout must be >0 (set to 0ms)";
  if (5n * heartbeat > election) {
    return (
      `--election-timeout[${election}ms] should be at least as 5 times ` +
      `as --heartbeat-interval[${heartbeat}ms]`
    );
  }
  if (election > ELECTION_TIMEOUT_MS_MAX) {
    const limit = `${ELECTION_TIMEOUT_MS_MAX}ms`;
    return `--election-timeout[${election}ms] is too long, and should be set less than ${limit}`;
  }
  return undefined;
}
