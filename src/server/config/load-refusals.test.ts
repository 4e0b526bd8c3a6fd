// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import { loadServerConfig } from "./load.ts";

/** A configuration that etcd 3.7.1 refuses: what is given, the exit code and the reason. */
interface RefusalCase {
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Content of a file handed over with `--config-file`. */
  readonly file?: string;
  readonly code: number;
  readonly reason: string;
  /** Why a file that is not given cannot be read. */
  readonly systemCode?: string;
}

function flags(argv: string, code: number, reason: string): RefusalCase {
  return { argv: argv === "" ? [] : argv.split(" "), code, reason };
}

function file(text: string, reason: string, code = 1): RefusalCase {
  return { argv: [], file: text, code, reason };
}

const advertise = "--advertise-client-urls http://a:1";
const json = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
const field = "into Go struct field configYAML.Config";
const urls = "-listen-client-urls";

/** Seen on the genuine program; a test compares them with it again wherever it is built. */
const refusalCases: readonly RefusalCase[] = [
  flags("--foo", 2, "flag provided but not defined: -foo"),
  flags("-foo=3", 2, "flag provided but not defined: -foo"),
  flags("--discovery x", 2, "flag provided but not defined: -discovery"),
  flags("---foo", 2, "bad flag syntax: ---foo"),
  flags("-=x", 2, "bad flag syntax: -=x"),
  flags("--name", 2, "flag needs an argument: -name"),
  flags("--election-timeout x", 2, 'invalid value "x" for flag -election-timeout: parse error'),
  flags("--election-timeout -1", 2, 'invalid value "-1" for flag -election-timeout: parse error'),
  flags("--max-wals _10", 2, 'invalid value "_10" for flag -max-wals: parse error'),
  flags("--max-wals 1__0", 2, 'invalid value "1__0" for flag -max-wals: parse error'),
  flags("--max-wals 08", 2, 'invalid value "08" for flag -max-wals: parse error'),
  flags("--max-wals 0x", 2, 'invalid value "0x" for flag -max-wals: parse error'),
  flags(
    "--snapshot-count 18446744073709551616",
    2,
    'invalid value "18446744073709551616" for flag -snapshot-count: value out of range',
  ),
  flags(
    "--quota-backend-bytes 9223372036854775808",
    2,
    'invalid value "9223372036854775808" for flag -quota-backend-bytes: value out of range',
  ),
  flags(
    "--max-concurrent-streams x",
    2,
    'invalid value "x" for flag -max-concurrent-streams: strconv.ParseUint: parsing "x": invalid syntax',
  ),
  flags(
    "--max-concurrent-streams 4294967296",
    2,
    'invalid value "4294967296" for flag -max-concurrent-streams: strconv.ParseUint: parsing "4294967296": value out of range',
  ),
  flags("--pre-vote=maybe", 2, 'invalid boolean value "maybe" for -pre-vote: parse error'),
  flags(
    "--warning-apply-duration 5",
    2,
    'invalid value "5" for flag -warning-apply-duration: parse error',
  ),
  flags(
    "--warning-apply-duration 1h.s",
    2,
    'invalid value "1h.s" for flag -warning-apply-duration: parse error',
  ),
  flags(
    "--initial-cluster-state x",
    2,
    'invalid value "x" for flag -initial-cluster-state: invalid value',
  ),
  flags("--v2-deprecation x", 2, 'invalid value "x" for flag -v2-deprecation: invalid value "x"'),
  flags(
    "--feature-gates X=true",
    2,
    'invalid value "X=true" for flag -feature-gates: unrecognized feature gate: X',
  ),
  flags(
    "--feature-gates X",
    2,
    'invalid value "X" for flag -feature-gates: missing bool value for X',
  ),
  flags(
    "--feature-gates CompactHashCheck=x",
    2,
    'invalid value "CompactHashCheck=x" for flag -feature-gates: invalid value of CompactHashCheck=x, err: strconv.ParseBool: parsing "x": invalid syntax',
  ),
  flags(
    "--feature-gates LeaseCheckpointPersist=true",
    1,
    "enabling feature gate LeaseCheckpointPersist requires enabling feature gate LeaseCheckpoint",
  ),
  flags(
    "--listen-client-urls http://127.0.0.1",
    2,
    `invalid value "http://127.0.0.1" for flag ${urls}: URL address does not have the form "host:port": http://127.0.0.1`,
  ),
  flags(
    "--listen-client-urls http://127.0.0.1:x",
    2,
    `invalid value "http://127.0.0.1:x" for flag ${urls}: parse "http://127.0.0.1:x": invalid port ":x" after host`,
  ),
  flags(
    "--listen-client-urls http://a:1/x",
    2,
    `invalid value "http://a:1/x" for flag ${urls}: URL must not contain a path: http://a:1/x`,
  ),
  flags(
    "--listen-client-urls ftp://a:1",
    2,
    `invalid value "ftp://a:1" for flag ${urls}: URL scheme must be http, https, unix, or unixs: ftp://a:1`,
  ),
  flags(
    "--listen-client-urls localhost:2379",
    2,
    `invalid value "localhost:2379" for flag ${urls}: URL scheme must be http, https, unix, or unixs: localhost:2379`,
  ),
  flags(
    "--listen-client-urls 127.0.0.1:2379",
    2,
    `invalid value "127.0.0.1:2379" for flag ${urls}: parse "127.0.0.1:2379": first path segment in URL cannot contain colon`,
  ),
  flags(
    "--listen-client-urls :1",
    2,
    `invalid value ":1" for flag ${urls}: parse ":1": missing protocol scheme`,
  ),
  flags(
    "--listen-client-urls http://%zz:1",
    2,
    `invalid value "http://%zz:1" for flag ${urls}: parse "http://%zz:1": invalid URL escape "%zz"`,
  ),
  flags(
    "--listen-client-urls http://a:1,",
    2,
    `invalid value "http://a:1," for flag ${urls}: URL scheme must be http, https, unix, or unixs: `,
  ),
  flags(
    "--listen-client-urls http://[::1:1",
    2,
    `invalid value "http://[::1:1" for flag ${urls}: parse "http://[::1:1": missing ']' in host`,
  ),
  flags(
    "--listen-client-urls http://::1:1",
    2,
    `invalid value "http://::1:1" for flag ${urls}: parse "http://::1:1": invalid port "::1:1" after host`,
  ),
  flags("foo", 1, '"foo" is not a valid flag'),
  flags("--snapshot foo", 1, '"foo" is not a valid flag'),
  flags("-- --name", 1, '"--name" is not a valid flag'),
  flags("-", 1, '"-" is not a valid flag'),
  flags("--logger capnslog", 1, "--logger=capnslog is removed in v3.5"),
  flags("--logger foo", 1, 'unknown logger option "foo"'),
  flags("--log-format xml", 1, "unknown log format: xml, supported values json, console"),
  flags("--log-level nope", 2, 'panic: unrecognized level: "nope"'),
  flags("--log-outputs default,stderr", 1, 'multi logoutput for "default" is not supported yet'),
  flags(
    `--listen-client-urls http://foo.bar:1 ${advertise}`,
    1,
    "expected IP in URL for binding (http://foo.bar:1)",
  ),
  flags(
    `--listen-client-urls http://:2379 ${advertise}`,
    1,
    "expected IP in URL for binding (http://:2379)",
  ),
  flags(
    "--listen-peer-urls http://foo.bar:1",
    1,
    "expected IP in URL for binding (http://foo.bar:1)",
  ),
  flags(
    "--listen-client-urls http://127.0.0.1:1",
    1,
    "--advertise-client-urls is required when --listen-client-urls is set explicitly",
  ),
  flags(
    "--initial-advertise-peer-urls http://:1",
    1,
    '--initial-advertise-peer-urls "http://:1" must be "host:port" (unexpected empty host (http://:1))',
  ),
  flags(
    "--advertise-client-urls http://:1",
    1,
    '--advertise-client-urls "http://:1" must be in the format "host:port", "unix:/path/to/socket" or "unixs:/path/to/socket" (unexpected empty host (http://:1))',
  ),
  flags(
    "--heartbeat-interval 300",
    1,
    "--election-timeout[1000ms] should be at least as 5 times as --heartbeat-interval[300ms]",
  ),
  flags(
    "--election-timeout 50001",
    1,
    "--election-timeout[50001ms] is too long, and should be set less than 50000ms",
  ),
  flags("--election-timeout 0", 1, "--election-timeout must be >0 (set to 0ms)"),
  flags("--heartbeat-interval 0", 1, "--heartbeat-interval must be >0 (set to 0ms)"),
  {
    argv: [],
    environment: { ETCD_HEARTBEAT_INTERVAL: "y", ETCD_ELECTION_TIMEOUT: "x" },
    code: 1,
    reason: 'invalid value "y" for ETCD_HEARTBEAT_INTERVAL: parse error',
  },
  {
    argv: [],
    environment: { ETCD_LISTEN_CLIENT_URLS: "http://127.0.0.1:1" },
    code: 1,
    reason: "--advertise-client-urls is required when --listen-client-urls is set explicitly",
  },
  flags("--config-file /nonexistent.yaml", 1, "open /nonexistent.yaml: no such file or directory"),
  { argv: ["--config-file", "/"], code: 1, reason: "read /: is a directory", systemCode: "EISDIR" },
  file("heartbeat-interval: x\n", `${json} string ${field}.heartbeat-interval of type uint`),
  file("heartbeat-interval: -1\n", `${json} number -1 ${field}.heartbeat-interval of type uint`),
  file("heartbeat-interval: 1.5\n", `${json} number 1.5 ${field}.heartbeat-interval of type uint`),
  file(
    "heartbeat-interval: 300.0\n",
    "--election-timeout[1000ms] should be at least as 5 times as --heartbeat-interval[300ms]",
  ),
  file("snapshot-count: '5'\n", `${json} string ${field}.snapshot-count of type uint64`),
  file("name: [a]\n", `${json} array ${field}.name of type string`),
  file("name: {a: 1}\n", `${json} object ${field}.name of type string`),
  file("name: 12\n", `${json} number ${field}.name of type string`),
  file("name: y\n", `${json} bool ${field}.name of type string`),
  file("name: 12:30\nheartbeat-interval: 0\n", "--heartbeat-interval must be >0 (set to 0ms)"),
  file("name: 2020-01-01\nheartbeat-interval: 0\n", "--heartbeat-interval must be >0 (set to 0ms)"),
  file(
    "heartbeat-interval: 010\nelection-timeout: 39\n",
    "--election-timeout[39ms] should be at least as 5 times as --heartbeat-interval[8ms]",
  ),
  file("log-outputs: stderr\n", `${json} string ${field}.log-outputs of type []string`),
  file("log-outputs: [1]\n", `${json} number ${field}.log-outputs of type string`),
  file("log-outputs: [default, stderr]\n", 'multi logoutput for "default" is not supported yet'),
  file("pre-vote: 1\n", `${json} number ${field}.pre-vote of type bool`),
  file(
    "warning-apply-duration: 100ms\n",
    `${json} string ${field}.warning-apply-duration of type time.Duration`,
  ),
  file(
    "max-concurrent-streams: 4294967296\n",
    `${json} number 4294967296 ${field}.max-concurrent-streams of type uint32`,
  ),
  file("- a\n", `${json} array into Go value of type embed.configYAML`),
  file("foo\n", `${json} string into Go value of type embed.configYAML`),
  file(
    "listen-peer-urls: 3\n",
    `${json} number into Go struct field configYAML.configJSON.listen-peer-urls of type string`,
  ),
  file(
    "client-transport-security: 3\n",
    `${json} number into Go struct field configYAML.configJSON.client-transport-security of type embed.securityConfig`,
  ),
  file(
    "client-transport-security: {auto-tls: x}\n",
    `${json} string into Go struct field securityConfig.configJSON.client-transport-security.auto-tls of type bool`,
  ),
  file(
    "socket-options: {reuse-port: x}\n",
    `${json} string into Go struct field SocketOpts.Config.socket-options.reuse-port of type bool`,
  ),
  file(
    "discovery-config: {client: {dial-timeout: x}}\n",
    `${json} string into Go struct field ConfigSpec.Config.discovery-config.client.dial-timeout of type time.Duration`,
  ),
  file(
    "discovery-config: {token: [1]}\n",
    `${json} array into Go struct field DiscoveryConfig.Config.discovery-config.token of type string`,
  ),
  file(
    "discovery-config: {client: {secure: {cert: 3}}}\n",
    `${json} number into Go struct field SecureConfig.Config.discovery-config.client.secure.cert of type string`,
  ),
  file(
    "discovery-config: {client: {auth: {username: 3}}}\n",
    `${json} number into Go struct field AuthConfig.Config.discovery-config.client.auth.username of type string`,
  ),
  file("feature-gates: foo\n", "missing bool value for foo"),
  file("initial-cluster-state: foo\n", 'unexpected clusterState "foo"'),
  file("log-level: nope\n", 'panic: unrecognized level: "nope"', 2),
  file(
    "listen-peer-urls: http://foo\n",
    'unexpected error setting up listen-peer-urls: URL address does not have the form "host:port": http://foo',
  ),
  file(
    "advertise-client-urls: http://foo\n",
    'unexpected error setting up advertise-peer-urls: URL address does not have the form "host:port": http://foo',
  ),
  file("listen-peer-urls: http://foo:1\n", "expected IP in URL for binding (http://foo:1)"),
  file(".inf: .inf\n", "error converting YAML to JSON: json: unsupported value: +Inf"),
];

const reference = resolve(import.meta.dirname, "../../../test/interop/bin/etcd");

/** The reason: from the log line about it, or the first line on standard error. */
function findReason(stderr: string): string {
  for (const line of stderr.split("\n")) {
    if (!line.startsWith("{")) return line;
    const entry: { msg: string; error?: string } = JSON.parse(line);
    if (entry.msg === "failed to verify flags") return entry.error ?? "";
  }
  return "";
}

function describeCase({ argv, environment, file }: RefusalCase): string {
  const variables = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const words = [...variables, ...argv].join(" ");
  return file === undefined ? words : `a file with ${JSON.stringify(file)}`;
}

function withFile(given: RefusalCase, path: string): string[] {
  return given.file === undefined ? [...given.argv] : [...given.argv, "--config-file", path];
}

const named = refusalCases.map((given) => [describeCase(given), given] as const);

test.each(named)("refuses %s", (_, given) => {
  const loaded = loadServerConfig(withFile(given, "f"), given.environment ?? {}, (path) => {
    if (given.file !== undefined) return given.file;
    throw Object.assign(new Error(path), { code: given.systemCode ?? "ENOENT" });
  });
  if (loaded.kind !== "exit") throw new Error("was accepted");
  const lines = loaded.warnings.map((line) =>
    JSON.stringify({ ...line.fields, msg: line.message }),
  );
  const reason = findReason([...lines, loaded.stderr].join("\n"));
  expect([loaded.code, reason]).toEqual([given.code, given.reason]);
});

// Left out where the genuine etcd has not been built.
describe.skipIf(!existsSync(reference))("the genuine etcd", () => {
  test.each(named)("refuses %s with the same code and reason", (_, given) => {
    const directory = tempDir();
    writeFileSync(join(directory, "etcd.yaml"), given.file ?? "");
    const ended = spawnSync(reference, withFile(given, "etcd.yaml"), {
      cwd: directory,
      env: { ...given.environment },
      encoding: "utf8",
      timeout: 10_000,
    });
    expect([ended.status, findReason(ended.stderr)]).toEqual([given.code, given.reason]);
  });
});
