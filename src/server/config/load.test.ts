// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import type { Environment } from "./environment.ts";
import { flagTable } from "./flag-table.ts";
import { loadServerConfig } from "./load.ts";
import type { ServerConfig } from "./server-config.ts";

const noFile = (): string => {
  throw new Error("no file may be read");
};

function load(argv: readonly string[], environment: Environment = {}) {
  return loadServerConfig(argv, environment, noFile);
}

function loadFile(text: string) {
  return loadServerConfig(["--config-file", "etcd.yaml"], {}, () => text);
}

function run(argv: readonly string[], environment: Environment = {}): ServerConfig {
  const loaded = load(argv, environment);
  if (loaded.kind !== "run") throw new Error(`refused: ${JSON.stringify(loaded)}`);
  return loaded.config;
}

function runFile(text: string): ServerConfig {
  const loaded = loadFile(text);
  if (loaded.kind !== "run") throw new Error(`refused: ${JSON.stringify(loaded)}`);
  return loaded.config;
}

/** Exit code and the text that says why, wherever it is said. */
function refusal(loaded: ReturnType<typeof load>): readonly [number, string] {
  if (loaded.kind !== "exit") throw new Error("was accepted");
  const line = loaded.warnings.find((entry) => entry.message === "failed to verify flags");
  const said = line === undefined ? loaded.stderr.split("\n")[0] : line.fields["error"];
  return [loaded.code, String(said)];
}

test("every option of the reference is in the table once, with its variable", () => {
  expect(flagTable.length).toBe(128);
  expect(new Set(flagTable.map((row) => row.name)).size).toBe(128);
  expect(flagTable.filter((row) => row.type === "ignored").length).toBe(15);
  expect(flagTable.find((row) => row.name === "wal-dir")?.env).toBe("ETCD_WAL_DIR");
});

test("without any option the defaults of etcd hold", () => {
  expect(run([])).toMatchObject({
    name: "default",
    dataDir: "default.etcd",
    walDir: undefined,
    initialCluster: "default=http://localhost:2380",
    initialClusterState: "new",
    initialClusterToken: "etcd-cluster",
    heartbeatIntervalMs: 100,
    electionTimeoutMs: 1000,
    electionTicks: 10,
    snapshotCount: 10000,
    snapshotCatchupEntries: 5000,
    maxRequestBytes: 1572864,
    maxTxnOps: 128,
    maxConcurrentStreams: 4294967295,
    warningApplyDurationMs: 100,
    warningUnaryRequestDurationMs: 300,
    logging: { level: "info", format: "json", outputs: ["stderr"] },
  });
});

test("the configuration is frozen through and through", () => {
  const config = run([]);
  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.isFrozen(config.listenClientUrls[0])).toBe(true);
  expect(Object.isFrozen(config.logging.outputs)).toBe(true);
});

test("flags take one dash or two, a word or an equals sign, and the last one wins", () => {
  const argv = ["-name", "a", "--data-dir=d", "--snapshot-count", "5", "-snapshot-count=0x10"];
  expect(run(argv)).toMatchObject({ name: "a", dataDir: "d", snapshotCount: 16 });
});

test("booleans stand alone or take =value, never the next word", () => {
  expect(run(["--pre-vote", "--name", "a"]).name).toBe("a");
  expect(refusal(load(["--pre-vote", "true"]))).toEqual([1, '"true" is not a valid flag']);
});

const integers: readonly [string, number][] = [
  ["1_0", 10],
  ["0x1F", 31],
  ["0o17", 15],
  ["017", 15],
  ["0b1_01", 5],
];
test.each(integers)("the integer %s is %d", (text, value) => {
  expect(run(["--max-wals", text]).maxWals).toBe(value);
});

test("URLs are parsed, sorted and deduplicated", () => {
  const urls = "http://127.0.0.1:2,http://127.0.0.1:1,http://127.0.0.1:2";
  const config = run(["--listen-client-urls", urls, "--advertise-client-urls", "http://h:1"]);
  expect(config.listenClientUrls.map((url) => [url.hostname, url.port])).toEqual([
    ["127.0.0.1", 1],
    ["127.0.0.1", 2],
  ]);
});

test("a unix URL carries its socket path", () => {
  const argv = [
    "--listen-client-urls",
    "unix:///tmp/e.sock",
    "--advertise-client-urls",
    "http://h:1",
  ];
  expect(run(argv).listenClientUrls[0]).toMatchObject({
    scheme: "unix",
    socketPath: "/tmp/e.sock",
  });
});

test("an empty URL list leaves the flag as it was", () => {
  expect(run(["--listen-peer-urls", ""]).listenPeerUrls[0]?.text).toBe("http://localhost:2380");
});

test("the name alone renames the member in the initial cluster", () => {
  expect(run(["--name", "m1"]).initialCluster).toBe("m1=http://localhost:2380");
  const given = ["--name", "m1", "--initial-cluster", "x=http://localhost:1"];
  expect(run(given).initialCluster).toBe("x=http://localhost:1");
});

test("zero counts mean the defaults where etcd says so", () => {
  const config = run([
    "--snapshot-count=0",
    "--snapshot-catchup-entries=0",
    "--warning-unary-request-duration=0",
  ]);
  expect(config.snapshotCount).toBe(10000);
  expect(config.snapshotCatchupEntries).toBe(5000);
  expect(config.warningUnaryRequestDurationMs).toBe(300);
});

test("a member that listens everywhere announces the machine's own address", () => {
  const options = {
    programName: "etcd",
    detectHost: () => ({ host: "192.0.2.7", error: undefined }),
  };
  const argv = ["--name", "m1", "--listen-peer-urls", "http://0.0.0.0:2390"];
  const loaded = loadServerConfig(argv, {}, noFile, options);
  if (loaded.kind !== "run") throw new Error("refused");
  expect(loaded.config.advertisePeerUrls[0]?.text).toBe("http://192.0.2.7:2390");
  expect(loaded.config.initialCluster).toBe("m1=http://192.0.2.7:2390");
  expect(loaded.warnings.map((line) => line.message)).toContain(
    "detected default host for advertise",
  );
});

const durations: readonly [string, number][] = [
  ["1s", 1000],
  ["1.5ms", 1.5],
  ["2h45m", 9_900_000],
  ["0", 0],
  [".5s", 500],
  ["-1s", -1000],
  ["1us", 0.001],
];
test.each(durations)("the duration %s is %d milliseconds", (text, ms) => {
  expect(run(["--warning-apply-duration", text]).warningApplyDurationMs).toBe(ms);
});

const logging: readonly [string[], object][] = [
  [["--log-level=WARNING"], { level: "warn" }],
  [["--log-level=DEBUG"], { level: "debug" }],
  [["--log-level="], { level: "info" }],
  [["--log-format=console"], { format: "console" }],
  [["--log-outputs=stdout,stderr,stdout"], { outputs: ["stderr", "stdout"] }],
  [["--log-outputs=/tmp/x,/dev/null"], { outputs: ["/dev/null"] }],
];
test.each(logging)("the logging options %j are understood", (argv, expected) => {
  expect(run(argv).logging).toMatchObject(expected);
});

test("flags that etcd keeps for old scripts are accepted without a word", () => {
  const loaded = load(["--name=m1", "--data-dir=d", "--snapshot", "--vv=3", "--config=x"]);
  expect(loaded.kind).toBe("run");
  expect(loaded.warnings.filter((line) => line.level === "warn").length).toBe(1);
});

test("an option that would have no effect is refused, wherever it comes from", () => {
  const text = "etcdx: --auto-tls is not supported yet\n";
  expect(load(["--auto-tls"])).toMatchObject({ kind: "exit", code: 1, stderr: text });
  expect(load([], { ETCD_AUTO_TLS: "true" })).toMatchObject({
    kind: "exit",
    code: 1,
    stderr: text,
  });
  const file = "client-transport-security:\n  auto-tls: true\n";
  expect(loadFile(file)).toMatchObject({ kind: "exit", code: 1, stderr: text });
});

test("all options without effect are named at once", () => {
  const loaded = load(["--pre-vote=false", "--force-new-cluster", "--cors=http://a:1"]);
  expect(loaded).toMatchObject({
    stderr:
      "etcdx: --cors is not supported yet\n" +
      "etcdx: --force-new-cluster is not supported yet\n" +
      "etcdx: --pre-vote is not supported yet\n",
  });
});

test("an option without effect may be given its default", () => {
  const argv = ["--auto-tls=false", "--auth-token=simple", "--cors=*", "--host-whitelist=*"];
  expect(
    run([...argv, "--compact-hash-check-time=60s", "--feature-gates=FastLeaseKeepAlive=true"]).name,
  ).toBe("default");
});

test("the gates that are built are honoured, others are refused", () => {
  expect(run([])).toMatchObject({
    leaseCheckpoint: false,
    leaseCheckpointPersist: false,
    priorityRequests: false,
  });
  const both = "--feature-gates=LeaseCheckpoint=true,LeaseCheckpointPersist=true";
  expect(run([both])).toMatchObject({ leaseCheckpoint: true, leaseCheckpointPersist: true });
  expect(run(["--feature-gates=LeaseCheckpoint=true"])).toMatchObject({ leaseCheckpoint: true });
  expect(run(["--feature-gates=PriorityRequest=true"])).toMatchObject({ priorityRequests: true });
  expect(load(["--feature-gates=LeaseCheckpoint=true,CompactHashCheck=true"])).toMatchObject({
    stderr: "etcdx: --feature-gates is not supported yet\n",
  });
});

test("variables are read in the place of flags, empty ones are not", () => {
  expect(run([], { ETCD_NAME: "m1", ETCD_DATA_DIR: "" })).toMatchObject({
    name: "m1",
    dataDir: "m1.etcd",
  });
});

test("a variable for a given flag is fatal, even an empty one", () => {
  for (const value of ["x", ""]) {
    const loaded = load(["--name", "y"], { ETCD_NAME: value });
    expect(loaded).toMatchObject({ kind: "exit", code: 1 });
    expect(loaded.warnings.at(-1)).toMatchObject({
      level: "fatal",
      fields: { "environment-variable": "ETCD_NAME" },
    });
  }
});

test("unknown variables and ETCD_VERSION are warned about", () => {
  const loaded = load([], { ETCD_FOO: "1", ETCD_VERSION: "3", ETCDCTL_API: "3" });
  const early = loaded.warnings.filter((line) => line.early);
  expect(early.map((line) => line.message)).toEqual([
    "cannot set special environment variable",
    "unrecognized environment variable",
  ]);
  expect(early[1]?.fields).toEqual({ "environment-variable": "ETCD_FOO=1" });
});

test("of several bad variables the last by name is reported", () => {
  const environment = { ETCD_HEARTBEAT_INTERVAL: "y", ETCD_ELECTION_TIMEOUT: "x" };
  expect(refusal(load([], environment))).toEqual([
    1,
    'invalid value "y" for ETCD_HEARTBEAT_INTERVAL: parse error',
  ]);
});

test("with a configuration file no other option counts", () => {
  const argv = ["--config-file", "f", "--name", "a", "--auto-tls"];
  const loaded = loadServerConfig(argv, { ETCD_NAME: "b" }, () => "data-dir: d\n");
  if (loaded.kind !== "run") throw new Error("refused");
  expect(loaded.config).toMatchObject({ name: "default", dataDir: "d" });
});

test("the configuration file may be named by a variable", () => {
  const loaded = loadServerConfig([], { ETCD_CONFIG_FILE: "f" }, (path) => `name: from-${path}\n`);
  if (loaded.kind !== "run") throw new Error("refused");
  expect(loaded.config.name).toBe("from-f");
});

test("the file's keys match in any case, unknown ones are passed over, null keeps the default", () => {
  const config = runFile(
    "Name: a\nWARNING-APPLY-DURATION: 250000000\nmystery: [1]\nmax-wals: null\n",
  );
  expect(config).toMatchObject({ name: "a", warningApplyDurationMs: 250, maxWals: 5 });
});

test("the file may be JSON, and may leave listen and advertised URLs apart", () => {
  const config = runFile(
    '{"name": "a", "listen-client-urls": "http://127.0.0.1:1", "log-outputs": ["stdout"]}',
  );
  expect(config.listenClientUrls[0]?.port).toBe(1);
  expect(config.advertiseClientUrls[0]?.text).toBe("http://localhost:2379");
  expect(config.logging.outputs).toEqual(["stdout"]);
});

test("of a key given twice in the file the last one counts", () => {
  expect(runFile("name: a\nname: b\n").name).toBe("b");
});

test("an empty configuration file means the defaults", () => {
  expect(runFile("").name).toBe("default");
});

test("--help answers on both streams with code 0", () => {
  const loaded = load(["--bogus-free", "-h"].slice(1));
  if (loaded.kind !== "exit") throw new Error("was accepted");
  expect(loaded.code).toBe(0);
  expect(loaded.stderr.startsWith("Usage:\n")).toBe(true);
  const shown = loaded.stdout.match(/^ {2}--\S+/gm) ?? [];
  expect(shown.length).toBe(111);
});

test("deprecated options are warned about", () => {
  const text = "--max-snapshots is deprecated in 3.6 and will be decommissioned in 3.8.";
  expect(load(["--max-snapshots=3"]).warnings.map((line) => line.message)).toContain(text);
  expect(loadFile("max-snapshots: 3\n").warnings.map((line) => line.message)).toContain(text);
});

test("pings and progress follow their flags, and what gRPC defaults where they are not above 0", () => {
  expect(run([])).toMatchObject({
    grpcKeepalive: { minTimeMs: 5000, intervalMs: 7_200_000, timeoutMs: 20_000 },
    watchProgressNotifyIntervalMs: 0,
  });
  const set = run([
    "--grpc-keepalive-min-time=200ms",
    "--grpc-keepalive-interval=1ms",
    "--grpc-keepalive-timeout=3s",
    "--watch-progress-notify-interval=5s",
  ]);
  expect(set).toMatchObject({
    grpcKeepalive: { minTimeMs: 200, intervalMs: 1000, timeoutMs: 3000 },
    watchProgressNotifyIntervalMs: 5000,
  });
  const off = ["--grpc-keepalive-min-time=0s", "--grpc-keepalive-interval=0s"];
  expect(run([...off, "--grpc-keepalive-timeout=3s"]).grpcKeepalive).toEqual({
    minTimeMs: 300_000,
    intervalMs: 7_200_000,
    timeoutMs: 20_000,
  });
});
