// SPDX-License-Identifier: Apache-2.0

import {
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
  WatchService,
} from "../../src/api/gen/etcdserverpb.ts";
import type { KeyValue } from "../../src/api/gen/mvccpb.ts";
import type { FakeServer } from "./fake-server.ts";

/** A command line and the answers it gets: enough to fix its output to the byte. */
export interface OutputCase {
  readonly name: string;
  readonly words: readonly string[];
  readonly stdin?: string;
  prepare(server: FakeServer): void;
}

// Larger than a double can hold exactly, to see that nothing on the way rounds it.
const header = {
  clusterId: 0xcdf818194e3a8c32n,
  memberId: 0x8e9e05c52164694dn,
  revision: 4_711,
  raftTerm: 9,
};
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

function pair(key: string, value: string, more: Partial<KeyValue> = {}): KeyValue {
  return {
    key: bytes(key),
    value: bytes(value),
    createRevision: 12,
    modRevision: 4_700,
    version: 3,
    lease: 0n,
    ...more,
  };
}

const kvs: readonly KeyValue[] = [
  pair("plain", "value"),
  pair("with lease", "x", { lease: 0x694d8e9e05c52164n, version: 1 }),
  pair("binary\x00\xff\x80", '\x01\x7f\xc3\xa9\xe2\x98\x83\n\t"\\<&>'),
  pair("empty", ""),
];

const range = (name: string, ...words: string[]): OutputCase => ({
  name,
  words: ["get", "", "--prefix", ...words],
  prepare: (server) =>
    server.answer(KVService.range, { header, kvs: [...kvs], more: true, count: 99 }),
});

const status = {
  header,
  version: "3.7.1",
  dbSize: 25_000_000,
  leader: header.memberId,
  raftIndex: 123_456,
  raftTerm: 9,
  raftAppliedIndex: 123_455,
  errors: [] as string[],
  dbSizeInUse: 9_950,
  isLearner: false,
  storageVersion: "3.7.0",
  dbSizeQuota: 2_147_483_648,
  downgradeInfo: { enabled: false, targetVersion: "" },
};

const members = [
  {
    ID: header.memberId,
    name: "m1",
    peerURLs: ["http://10.0.0.1:2380"],
    clientURLs: ["http://10.0.0.1:2379", "http://a<b&c:2379"],
  },
  { ID: 0xffn, peerURLs: ["http://10.0.0.2:2380", "http://10.0.0.3:2380"], isLearner: true },
  { ID: 0n, name: 'a "name"' },
];

const noSpace = { memberID: header.memberId, alarm: 1 };
const alarms = [noSpace, { memberID: 7n, alarm: 2 }, { memberID: 0n, alarm: 9 }];
// As the server sends it: its header knows no revision.
const memberHeader = { ...header, revision: 0 };

const memberKinds: readonly OutputCase[] = [
  {
    name: "member-list",
    words: ["member", "list"],
    prepare: (server) =>
      server.answer(ClusterService.memberList, { header: memberHeader, members: [...members] }),
  },
  {
    name: "member-list-nobody",
    words: ["member", "list", "--consistency", "s"],
    prepare: (server) => server.answer(ClusterService.memberList, { header: {} }),
  },
  {
    name: "alarm-list",
    words: ["alarm", "list"],
    prepare: (server) => server.answer(MaintenanceService.alarm, { header, alarms: [...alarms] }),
  },
  {
    name: "alarm-list-nothing",
    words: ["alarm", "list"],
    prepare: (server) => server.answer(MaintenanceService.alarm, { header }),
  },
  {
    name: "alarm-disarm",
    words: ["alarm", "disarm"],
    prepare: (server) => {
      const [first, second] = alarms.map((alarm) => ({ header, alarms: [alarm] }));
      server.answer(
        MaintenanceService.alarm,
        { header, alarms: alarms.slice(0, 2) },
        first ?? {},
        second ?? {},
      );
    },
  },
  {
    name: "alarm-disarm-refused",
    words: ["alarm", "disarm"],
    prepare: (server) =>
      server.answer(
        MaintenanceService.alarm,
        { header, alarms: [noSpace] },
        {
          code: 7,
          details: "etcdserver: permission denied",
        },
      ),
  },
  {
    name: "move-leader",
    words: ["move-leader", "ab"],
    prepare: (server) => {
      server.answer(MaintenanceService.status, status);
      server.answer(MaintenanceService.moveLeader, { header });
    },
  },
  {
    name: "move-leader-follower",
    words: ["move-leader", "ab"],
    prepare: (server) => server.answer(MaintenanceService.status, { ...status, leader: 1n }),
  },
];

const leaseId = 0x694d8e9e05c52164n;

const leaseKinds: readonly OutputCase[] = [
  {
    name: "lease-grant",
    words: ["lease", "grant", "1"],
    prepare: (server) =>
      server.answer(LeaseService.leaseGrant, { header, ID: leaseId, TTL: 2, error: "" }),
  },
  {
    name: "lease-grant-negative",
    words: ["lease", "grant", "--", "-5"],
    prepare: (server) => server.answer(LeaseService.leaseGrant, { header, ID: -99n, TTL: 2 }),
  },
  {
    name: "lease-grant-refused",
    words: ["lease", "grant", "9000000001"],
    prepare: (server) =>
      server.answer(LeaseService.leaseGrant, {
        code: 11,
        details: "etcdserver: too large lease TTL",
      }),
  },
  {
    name: "lease-revoke",
    words: ["lease", "revoke", "694d8e9e05c52164"],
    prepare: (server) => server.answer(LeaseService.leaseRevoke, { header }),
  },
  {
    name: "lease-timetolive",
    words: ["lease", "timetolive", "694d8e9e05c52164"],
    prepare: (server) =>
      server.answer(LeaseService.leaseTimeToLive, { header, ID: leaseId, TTL: 7, grantedTTL: 60 }),
  },
  {
    name: "lease-timetolive-keys",
    words: ["lease", "timetolive", "694d8e9e05c52164", "--keys"],
    prepare: (server) => {
      const keys = [bytes("a"), bytes("b c"), bytes('\x00\xff"<')];
      const answer = { header, ID: leaseId, TTL: 7, grantedTTL: 60, keys };
      server.answer(LeaseService.leaseTimeToLive, answer);
    },
  },
  {
    name: "lease-timetolive-no-keys",
    words: ["lease", "timetolive", "694d8e9e05c52164", "--keys"],
    prepare: (server) =>
      server.answer(LeaseService.leaseTimeToLive, { header, ID: leaseId, TTL: 7, grantedTTL: 60 }),
  },
  {
    name: "lease-timetolive-expired",
    words: ["lease", "timetolive", "1"],
    prepare: (server) =>
      server.answer(LeaseService.leaseTimeToLive, { header, ID: 1n, TTL: -1, grantedTTL: 0 }),
  },
  {
    name: "lease-list",
    words: ["lease", "list"],
    prepare: (server) => {
      const leases = [{ ID: leaseId }, { ID: 1n }, { ID: -(2n ** 63n) }];
      server.answer(LeaseService.leaseLeases, { header, leases });
    },
  },
  {
    name: "lease-list-nothing",
    words: ["lease", "list"],
    prepare: (server) => server.answer(LeaseService.leaseLeases, { header }),
  },
  {
    name: "lease-list-refused",
    words: ["lease", "list"],
    prepare: (server) =>
      server.answer(LeaseService.leaseLeases, {
        code: 7,
        details: "etcdserver: permission denied",
      }),
  },
  {
    name: "lease-keep-alive",
    words: ["lease", "keep-alive", "694d8e9e05c52164"],
    prepare: (server) =>
      server.answer(
        LeaseService.leaseKeepAlive,
        { header, ID: leaseId, TTL: 1 },
        { header, ID: leaseId, TTL: 0 },
      ),
  },
  {
    name: "lease-keep-alive-once",
    words: ["lease", "keep-alive", "694d8e9e05c52164", "--once"],
    prepare: (server) =>
      server.answer(LeaseService.leaseKeepAlive, { header, ID: leaseId, TTL: 60 }),
  },
  {
    name: "lease-keep-alive-once-expired",
    words: ["lease", "keep-alive", "1", "--once"],
    prepare: (server) => server.answer(LeaseService.leaseKeepAlive, { header, ID: 1n, TTL: 0 }),
  },
];

const kinds: readonly OutputCase[] = [
  ...memberKinds,
  ...leaseKinds,
  range("get"),
  {
    name: "get-nothing",
    words: ["get", "none"],
    prepare: (server) => server.answer(KVService.range, { header }),
  },
  {
    name: "get-stream",
    words: ["get", "", "--prefix", "--stream"],
    prepare: (server) =>
      server.stream(
        KVService.rangeStream,
        { rangeResponse: { header: undefined, kvs: kvs.slice(0, 2), more: false, count: 0 } },
        { rangeResponse: { header, kvs: kvs.slice(2), more: false, count: 4 } },
      ),
  },
  {
    name: "put",
    words: ["put", "a", "b"],
    prepare: (server) => server.answer(KVService.put, { header }),
  },
  {
    name: "put-prev",
    words: ["put", "a", "b", "--prev-kv"],
    prepare: (server) => server.answer(KVService.put, { header, prevKv: pair("a", "before") }),
  },
  {
    name: "del",
    words: ["del", "a", "--prefix", "--prev-kv"],
    prepare: (server) =>
      server.answer(KVService.deleteRange, { header, deleted: 4, prevKvs: [...kvs] }),
  },
  {
    name: "del-nothing",
    words: ["del", "a"],
    prepare: (server) => server.answer(KVService.deleteRange, { header }),
  },
  {
    name: "txn",
    words: ["txn"],
    stdin: "\nput a b\n\n\n",
    prepare: (server) => {
      const inner = { ...header, clusterId: 0n, memberId: 0n, raftTerm: 0 };
      const none = {
        responseRange: undefined,
        responsePut: undefined,
        responseDeleteRange: undefined,
        responseTxn: undefined,
      };
      server.answer(KVService.txn, {
        header,
        succeeded: true,
        responses: [
          { ...none, responsePut: { header: inner, prevKv: pair("a", "before") } },
          { ...none, responseRange: { header: inner, kvs: [...kvs], more: false, count: 4 } },
          {
            ...none,
            responseDeleteRange: { header: inner, deleted: 1, prevKvs: [pair("d", "v")] },
          },
          { ...none, responseDeleteRange: { header: undefined, deleted: 0, prevKvs: [] } },
        ],
      });
    },
  },
  {
    name: "txn-failure",
    words: ["txn"],
    stdin: "\n\n\n",
    prepare: (server) => server.answer(KVService.txn, { header, succeeded: false }),
  },
  {
    name: "compaction",
    words: ["compaction", "4000"],
    prepare: (server) => server.answer(KVService.compact, { header }),
  },
  {
    name: "watch",
    words: ["watch", "", "--prefix", "--prev-kv", "--progress-notify"],
    prepare: (server) => {
      const empty = {
        watchId: 0n,
        created: false,
        canceled: false,
        compactRevision: 0,
        cancelReason: "",
        fragment: false,
      };
      const events = [
        { type: 0, kv: pair("a", "new"), prevKv: pair("a", "old") },
        { type: 0, kv: pair("binary\xff", "\x00"), prevKv: undefined },
        {
          type: 1,
          kv: pair("gone", "", { createRevision: 0, version: 0 }),
          prevKv: pair("gone", "was"),
        },
      ];
      server.stream(
        WatchService.watch,
        { ...empty, header, created: true, events: [] },
        { ...empty, header, events },
        { ...empty, header, events: [] },
        {
          ...empty,
          header: { ...header, revision: 0 },
          canceled: true,
          compactRevision: 77,
          events: [],
        },
      );
    },
  },
  {
    name: "endpoint-status",
    words: ["endpoint", "status"],
    prepare: (server) => server.answer(MaintenanceService.status, status),
  },
  {
    name: "endpoint-status-alarmed",
    words: ["endpoint", "status"],
    prepare: (server) =>
      server.answer(MaintenanceService.status, {
        ...status,
        leader: 1n,
        isLearner: true,
        dbSize: 999,
        dbSizeInUse: 5,
        errors: ["memberID:1 alarm:NOSPACE ", "etcdserver: no leader"],
        downgradeInfo: { enabled: true, targetVersion: "3.6.0" },
      }),
  },
  {
    name: "endpoint-hashkv",
    words: ["endpoint", "hashkv", "--rev", "5"],
    prepare: (server) =>
      server.answer(MaintenanceService.hashKV, {
        header,
        hash: 4_294_967_295,
        compactRevision: -1,
        hashRevision: 4_711,
      }),
  },
  {
    name: "endpoint-health",
    words: ["endpoint", "health"],
    prepare: (server) => {
      server.answer(KVService.range, { header });
      server.answer(MaintenanceService.alarm, { header });
    },
  },
  {
    name: "endpoint-health-alarm",
    words: ["endpoint", "health"],
    prepare: (server) => {
      server.answer(KVService.range, { code: 7, details: "etcdserver: permission denied" });
      server.answer(MaintenanceService.alarm, {
        header,
        alarms: [
          { memberID: 1n, alarm: 1 },
          { memberID: 2n, alarm: 2 },
          { memberID: 3n, alarm: 7 },
        ],
      });
    },
  },
  {
    name: "endpoint-health-no-alarm-list",
    words: ["endpoint", "health"],
    prepare: (server) => {
      server.answer(KVService.range, { header });
      server.answer(MaintenanceService.alarm, { code: 2, details: "nope" });
    },
  },
];

const formats = ["simple", "fields", "json", "protobuf", "table"];

/** Every kind of answer in every format, with and without hexadecimal. */
export const outputCases: readonly OutputCase[] = [
  ...kinds.flatMap((kind) =>
    formats.flatMap((format) =>
      [[], ["--hex"]].map((hex) => ({
        ...kind,
        name: [kind.name, format, ...hex.map((word) => word.slice(2))].join("."),
        words: [...kind.words, "-w", format, ...hex],
      })),
    ),
  ),
  range("get-value-only.simple", "--print-value-only"),
  range("get-value-only.simple.hex", "--print-value-only", "--hex"),
  // Below zero there is no bound and no limit; numbers beyond 2^53 are told to the last digit.
  range("get-bounds-below-zero", "--max-mod-rev", "-1", "--min-create-rev=-6"),
  range("get-bounds-reversed", "--min-mod-rev", "9007199254740993", "--max-mod-rev", "1"),
  range("get-limits-below-zero", "--max-recv-bytes", "-1", "--max-request-bytes=-1"),
];
