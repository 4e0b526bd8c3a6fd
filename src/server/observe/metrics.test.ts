// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { formatGoFloat } from "./go-float.ts";
import { counter } from "./metric-spec.ts";
import { metricTable } from "./metric-table.ts";
import { FamilyWriter } from "./metric-text.ts";
import { LABEL_COMBINATIONS_MAX, MetricRegistry } from "./metrics.ts";
import { collectProcessMetrics, parseLimit, sumNetwork } from "./process-metrics.ts";
import { collectGrpcMetrics, collectIdentityMetrics } from "./server-metrics.ts";

const floats: readonly [number, string][] = [
  [0, "0"],
  [-1, "-1"],
  [24576, "24576"],
  [123456, "123456"],
  [100000, "100000"],
  [1e6, "1e+06"],
  [1234567.891, "1.234567891e+06"],
  [2147483648, "2.147483648e+09"],
  [123456.789, "123456.789"],
  [0.0001, "0.0001"],
  [0.00008, "8e-05"],
  [0.001457328, "0.001457328"],
  [1.8446744073709552e19, "1.8446744073709552e+19"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NaN, "NaN"],
];
test.each(floats)("%d is printed as %s", (value, text) => {
  expect(formatGoFloat(value)).toBe(text);
});

function withoutHelp(text: string): string {
  return text.replace(/^# HELP .*\n/gm, "");
}

test("a histogram is printed with cumulated buckets, sum and count, as etcd prints it", () => {
  const registry = new MetricRegistry();
  const fsync = registry.histogram("etcd_disk_wal_fsync_duration_seconds");
  for (const seconds of [0.0005, 0.001, 0.0011, 0.3, 9]) fsync.observe(seconds);
  expect(withoutHelp(registry.format())).toBe(
    `# TYPE etcd_disk_wal_fsync_duration_seconds histogram
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 2
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.004"} 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.008"} 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.016"} 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.032"} 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.064"} 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.128"} 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.256"} 3
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.512"} 4
etcd_disk_wal_fsync_duration_seconds_bucket{le="1.024"} 4
etcd_disk_wal_fsync_duration_seconds_bucket{le="2.048"} 4
etcd_disk_wal_fsync_duration_seconds_bucket{le="4.096"} 4
etcd_disk_wal_fsync_duration_seconds_bucket{le="8.192"} 4
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 5
etcd_disk_wal_fsync_duration_seconds_sum 9.3026
etcd_disk_wal_fsync_duration_seconds_count 5
`,
  );
});

test("labels are sorted by name, series by their values, families by name", () => {
  const registry = new MetricRegistry();
  registry.collect("etcd_server_has_leader", () => 1);
  const applied = registry.labeledHistogram("etcd_server_apply_duration_seconds");
  applied.child("v3", "Txn", "true").observe(0.001);
  applied.child("v3", "Put", "true").observe(0.002);
  const text = registry.format();
  const counts = text.split("\n").filter((line) => line.includes("_count"));
  expect(counts).toEqual([
    'etcd_server_apply_duration_seconds_count{op="Put",success="true",version="v3"} 1',
    'etcd_server_apply_duration_seconds_count{op="Txn",success="true",version="v3"} 1',
  ]);
  expect(text).toContain('_bucket{op="Put",success="true",version="v3",le="0.0001"} 0\n');
  expect(text.indexOf("apply_duration")).toBeLessThan(text.indexOf("has_leader"));
});

test("a child is one object however often it is asked for", () => {
  const requests = new MetricRegistry().labeledCounter("etcd_server_client_requests_total");
  const child = requests.child("unary", "3.7");
  expect(requests.child("unary", "3.7")).toBe(child);
  expect(requests.child("stream", "3.7")).not.toBe(child);
});

test("labels that never end are a programming error, not a leak", () => {
  const requests = new MetricRegistry().labeledCounter("etcd_server_client_requests_total");
  for (let i = 0; i < LABEL_COMBINATIONS_MAX; i++) requests.child("unary", String(i));
  expect(() => requests.child("unary", "one more")).toThrow(/too many label values/);
});

test("a metric without samples does not show, one with two owners is a mistake", () => {
  const registry = new MetricRegistry();
  registry.labeledCounter("etcd_server_client_requests_total");
  expect(registry.format()).toBe("");
  expect(() => registry.labeledCounter("etcd_server_client_requests_total")).toThrow(/two owners/);
});

test("collected metrics are read when they are scraped", () => {
  const store = { puts: 1 };
  const registry = new MetricRegistry();
  registry.collect("etcd_mvcc_put_total", () => store.puts);
  store.puts = 7;
  expect(registry.format()).toContain("\netcd_mvcc_put_total 7\n");
});

test("series that come, go and change places between scrapes keep their own labels", () => {
  const writer = new FamilyWriter("x_total", counter("Help.", ["b", "a"]));
  const scrapes = [
    [["1", "2", 5]],
    [["1", "2", 6]],
    [
      ["1", "3", 7],
      ["1", "2", 8],
    ],
    [
      ["1", "2", 9],
      ["1", "3", 10],
    ],
    [["0", "3", 11]],
  ] as const;
  for (const scrape of scrapes) {
    const samples = scrape.map(([b, a, value]) => ({ labels: [b, a], value }));
    const lines = scrape.map(([b, a, value]) => `x_total{a="${a}",b="${b}"} ${value}`).sort();
    expect(writer.format(samples).split("\n").slice(2, -1)).toEqual(lines);
  }
});

test("a scrape reads each table of the kernel once, and the next one reads it anew", () => {
  let nowMs = 0;
  const read: string[] = [];
  const registry = new MetricRegistry();
  const clock = { monotonicMs: () => nowMs, unixMs: () => 0 };
  collectProcessMetrics(registry, clock, (name) => {
    read.push(name);
    return "";
  });
  for (const scrapeMs of [1000, 2000]) {
    nowMs = scrapeMs;
    registry.format();
    expect(read.splice(0).sort()).toEqual(["limits", "net/dev", "statm"]);
  }
});

test("help and label values are escaped", () => {
  const text = new FamilyWriter("m", counter("a\\b\nc", ["l"])).format([
    { labels: ['x"y\\\n'], value: 1 },
  ]);
  expect(text).toBe('# HELP m a\\\\b\\nc\n# TYPE m counter\nm{l="x\\"y\\\\\\n"} 1\n');
});

test("every metric has a help text and rising buckets", () => {
  for (const [name, spec] of Object.entries(metricTable)) {
    expect(spec.help, name).toMatch(/^\S.*\.$/);
    if (spec.type !== "histogram") continue;
    const rising = spec.bounds.every((bound, i) => i === 0 || bound > (spec.bounds[i - 1] ?? 0));
    expect(rising, name).toBe(true);
  }
});

test("a gRPC method shows with all seventeen codes from the start", () => {
  const registry = new MetricRegistry();
  const put = {
    service: "etcdserverpb.KV",
    method: "Put",
    type: "unary" as const,
    started: 3,
    messagesReceived: 3,
    messagesSent: 2,
    handled: [2, 0, 1],
  };
  collectGrpcMetrics(registry, { methods: [put], bytesReceived: 10, bytesSent: 20 });
  const lines = registry.format().split("\n");
  const handled = lines.filter((line) => line.startsWith("grpc_server_handled_total{"));
  expect(handled.length).toBe(17);
  const call = 'grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"';
  expect(handled).toContain(`grpc_server_handled_total{grpc_code="OK",${call}} 2`);
  expect(handled).toContain(`grpc_server_handled_total{grpc_code="Unknown",${call}} 1`);
  expect(lines).toContain(`grpc_server_started_total{${call}} 3`);
});

test("who the server is shows in labels, the cluster version only once it is known", () => {
  const registry = new MetricRegistry();
  const source = {
    memberId: 0xbdae9bbc11dd390dn,
    clusterVersion: undefined as string | undefined,
    quotaBackendBytes: 2147483648,
    featureGates: [{ name: "AllAlpha", stage: "ALPHA", enabled: false }],
  };
  collectIdentityMetrics(registry, source);
  const text = registry.format();
  expect(text).toContain('etcd_server_id{server_id="bdae9bbc11dd390d"} 1\n');
  expect(text).toContain('etcd_server_version{server_version="3.7.1"} 1\n');
  expect(text).toContain('etcd_server_feature_enabled{name="AllAlpha",stage="ALPHA"} 0\n');
  expect(text).toContain("etcd_server_quota_backend_bytes 2.147483648e+09\n");
  expect(text).not.toContain("etcd_cluster_version");
  source.clusterVersion = "3.7";
  expect(registry.format()).toContain('etcd_cluster_version{cluster_version="3.7"} 1\n');
});

test("limits and network counters are read from the tables of the kernel", () => {
  const limits =
    "Limit  Soft Hard Units\nMax open files            1024   4096   files\nMax address space         unlimited  unlimited bytes\n";
  expect(parseLimit(limits, "Max open files")).toBe(1024);
  expect(parseLimit(limits, "Max address space")).toBe(2 ** 64);
  const network = "head\nhead\n  lo: 5 0 0 0 0 0 0 0 7 0\neth0:10 0 0 0 0 0 0 0 20 0\n";
  expect([sumNetwork(network, 0), sumNetwork(network, 8)]).toEqual([15, 27]);
});

test("the process's own metrics are there", () => {
  const registry = new MetricRegistry();
  collectProcessMetrics(registry, { monotonicMs: () => 0, unixMs: () => Date.now() });
  const text = registry.format();
  expect(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])).toBeGreaterThan(1e6);
  expect(text).toMatch(/^process_start_time_seconds 1\.\d+e\+09$/m);
});
