// SPDX-License-Identifier: Apache-2.0

import { KVService, MaintenanceService, WatchService } from "../../src/api/gen/etcdserverpb.ts";
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

const kinds: readonly OutputCase[] = [
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
];
