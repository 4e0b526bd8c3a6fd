// SPDX-License-Identifier: Apache-2.0

import { ETCD_VERSION, ETCDX_VERSION } from "../../api/versions.ts";
import { goQuote } from "../../base/go-quote.ts";
import { systemErrorText } from "../../base/system-error.ts";
import { parseCommandLine } from "./command-line.ts";
import { readConfigFile } from "./config-file.ts";
import type { ConfigLine } from "./config-line.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { finishConfig, type HostDetection } from "./finish.ts";
import type { FlagValue } from "./flag-value.ts";
import { formatHelp, formatUsage } from "./help.ts";
import type { LoggingConfig, ServerConfig } from "./server-config.ts";
import { Settings } from "./settings.ts";
import { ADVERTISE_CLIENT_URLS_MISSING, checkLogging, checkSettings } from "./validate.ts";

const CALLER = "config/load.ts";

/** Reads a whole file as UTF-8; throws the error of `node:fs` when it cannot. */
export type ReadFile = (path: string) => string;

export interface LoadOptions {
  /** The word the program was called by: `etcd`, or `etcdx` for `etcdx server`. */
  readonly programName: string;
  /** What stands behind "Running: " in the log; the program and its arguments. */
  readonly commandLine?: readonly string[];
  /** The address that replaces `localhost` in announced URLs when listening on 0.0.0.0. */
  readonly detectHost?: () => HostDetection;
  readonly runtime?: RuntimeFacts;
}

/** What `--version` tells about the machine. */
export interface RuntimeFacts {
  readonly nodeVersion: string;
  readonly os: string;
  readonly arch: string;
}

/** Lines to be logged, in order, whatever the outcome. */
interface Outcome {
  readonly warnings: readonly ConfigLine[];
}

export interface LoadedRun extends Outcome {
  readonly kind: "run";
  readonly config: ServerConfig;
}

export interface LoadedExit extends Outcome {
  readonly kind: "exit";
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Where later lines go, when the logging options were already known to be good. */
  readonly logging: LoggingConfig | undefined;
}

/**
 * Exit codes of the server program: 1 for a configuration that does not hold (an option that is
 * not supported yet among them) and for a server that cannot start or go on, 2 for a command line
 * that cannot be read.
 */
export const ExitCode = { ok: 0, refused: 1, commandLine: 2 } as const;

/**
 * Turns flags, variables and configuration file into a checked configuration, or into what the
 * program prints before it ends. Reads nothing but its arguments.
 */
export function loadServerConfig(
  argv: readonly string[],
  environment: Environment,
  readFile: ReadFile,
  options: LoadOptions = { programName: "etcd" },
): LoadedRun | LoadedExit {
  const line = parseCommandLine(argv);
  switch (line.kind) {
    case "help":
      return exit(ExitCode.ok, formatHelp(), formatUsage(options.programName));
    case "refused":
      return exit(ExitCode.commandLine, "", `${line.error}\n${formatUsage(options.programName)}`);
    case "parsed":
      break;
  }
  const load = new Load(argv, options);
  const [word] = line.rest;
  if (word !== undefined) return load.refuse(`${goQuote(word)} is not a valid flag`);
  const given = new Settings(line.values);
  if (given.bool("version")) return exit(ExitCode.ok, formatVersion(options), "");
  const path = given.text("config-file") || (environment["ETCD_CONFIG_FILE"] ?? "");
  if (path !== "") return load.fromFile(path, readFile);
  return load.fromCommandLine(line.values, environment);
}

function exit(code: number, stdout: string, stderr: string): LoadedExit {
  return { kind: "exit", code, stdout, stderr, warnings: [], logging: undefined };
}

/** Go's word for an architecture, which scripts look for in etcd's form. */
function goArch(arch: string): string {
  return arch === "x64" ? "amd64" : arch === "ia32" ? "386" : arch;
}

/** etcd's four lines when the program is called etcd; our own ones otherwise. */
function formatVersion(options: LoadOptions): string {
  const { nodeVersion, os, arch } = options.runtime ?? { nodeVersion: "", os: "", arch: "" };
  if (options.programName === "etcd") {
    return (
      `etcd Version: ${ETCD_VERSION}\n` +
      `Git SHA: Not provided (etcdx ${ETCDX_VERSION})\n` +
      `Go Version: none (Node.js ${nodeVersion})\n` +
      `Go OS/Arch: ${os}/${goArch(arch)}\n`
    );
  }
  return (
    `etcdx Version: ${ETCDX_VERSION}\n` +
    `Compatible with etcd: ${ETCD_VERSION}\n` +
    `Node.js Version: ${nodeVersion}\n` +
    `OS/Arch: ${os}/${arch}\n`
  );
}

/** One run of the loader: carries the lines and the logging options found so far. */
class Load {
  readonly #options: LoadOptions;
  readonly #commandLine: readonly string[];
  readonly #lines: ConfigLine[] = [];
  #logging: LoggingConfig | undefined;

  constructor(argv: readonly string[], options: LoadOptions) {
    this.#options = options;
    this.#commandLine = options.commandLine ?? [options.programName, ...argv];
  }

  fromCommandLine(
    given: ReadonlyMap<string, FlagValue>,
    environment: Environment,
  ): LoadedRun | LoadedExit {
    const read = readEnvironment(environment, given);
    this.#lines.push(...read.lines);
    if (read.kind === "conflict") return this.#end(ExitCode.refused, "");
    if (read.kind === "refused") return this.refuse(read.error);
    const settings = new Settings(new Map([...read.values, ...given]));
    const missing =
      settings.isSet("listen-client-urls") && !settings.isSet("advertise-client-urls");
    return this.#check(settings, missing, () => {
      for (const name of ["max-snapshots", "v2-deprecation"]) {
        if (settings.isSet(name)) this.#warnDeprecated(name);
      }
    });
  }

  fromFile(path: string, readFile: ReadFile): LoadedRun | LoadedExit {
    let text: string;
    try {
      text = readFile(path);
    } catch (error) {
      // A directory can be opened; it is reading it that fails.
      const text = systemErrorText(error);
      const step = text === "is a directory" ? "read" : "open";
      return this.refuse(`${step} ${path}: ${text}`);
    }
    const read = readConfigFile(text);
    if (read.kind === "bad-url") return this.#end(ExitCode.refused, `${read.error}\n`);
    if (read.kind === "refused") return this.refuse(read.error);
    return this.#check(new Settings(read.values), false, () => {
      this.#log(
        "info",
        "loaded server configuration, other configuration command line flags and environment variables will be ignored if provided",
        { path },
      );
      for (const name of ["max-snapshots", "v2-deprecation"]) {
        if (read.keys.includes(name)) this.#warnDeprecated(name);
      }
    });
  }

  /** The end of a configuration that does not hold, as etcd tells it. */
  refuse(error: string): LoadedExit {
    this.#logRunning();
    this.#log("warn", "failed to verify flags", { error });
    if (error === ADVERTISE_CLIENT_URLS_MISSING) {
      this.#log("warn", "advertise client URLs are not set", { error });
    }
    return this.#end(ExitCode.refused, "");
  }

  #check(
    settings: Settings,
    advertiseMissing: boolean,
    afterChecks: () => void,
  ): LoadedRun | LoadedExit {
    const unsupported = settings.unsupported();
    if (unsupported.length > 0) {
      return this.#end(ExitCode.refused, unsupported.map(unsupportedText).join(""));
    }
    const logging = checkLogging(settings);
    switch (logging.kind) {
      case "refused":
        return this.refuse(logging.error);
      case "panic":
        return this.#end(ExitCode.commandLine, `${logging.error}\n`);
      case "unsupported":
        return this.#end(ExitCode.refused, `etcdx: ${logging.what} is not supported yet\n`);
      case "ok":
        this.#logging = logging.logging;
    }
    const clientUrls = advertiseMissing ? undefined : settings.urls("advertise-client-urls");
    const error = checkSettings(settings, clientUrls, this.#lines);
    if (error !== undefined) return this.refuse(error);
    afterChecks();
    this.#logRunning();
    const detectHost = this.#options.detectHost ?? noHost;
    const finished = finishConfig(settings, logging.logging, detectHost);
    this.#lines.push(...finished.lines);
    if (finished.config === undefined) return this.#end(ExitCode.refused, "");
    return { kind: "run", config: finished.config, warnings: this.#lines };
  }

  #logRunning(): void {
    this.#log("info", "Running: ", { args: this.#commandLine });
  }

  #warnDeprecated(name: string): void {
    this.#log("warn", deprecations[name] ?? "", {});
  }

  #log(level: ConfigLine["level"], message: string, fields: ConfigLine["fields"]): void {
    const early = this.#logging === undefined;
    this.#lines.push({ level, caller: CALLER, message, fields, early });
  }

  #end(code: number, stderr: string): LoadedExit {
    const logging = this.#logging;
    return { kind: "exit", code, stdout: "", stderr, warnings: this.#lines, logging };
  }
}

const deprecations: Readonly<Record<string, string>> = {
  "max-snapshots": "--max-snapshots is deprecated in 3.6 and will be decommissioned in 3.8.",
  "v2-deprecation":
    "--v2-deprecation is deprecated and scheduled for removal in v3.8. The default value is enforced, ignoring user input.",
};

function unsupportedText(name: string): string {
  return `etcdx: --${name} is not supported yet\n`;
}

function noHost(): HostDetection {
  return { host: undefined, error: "default host not supported" };
}
