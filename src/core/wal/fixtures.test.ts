// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import { Metadata } from "../../api/gen/etcdserverpb.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { decodeEntry, decodeHardState, type Entry } from "../raft/index.ts";
import { RecordEncoder } from "./encoder.ts";
import {
  lastValidSnapshot,
  listRecords,
  RecordType,
  readLog,
  validSnapshotEntries,
  Wal,
} from "./index.ts";

const FIXTURES = new URL("../../../test/fixtures/", import.meta.url);
const NAME = "0000000000000000-0000000000000000.wal";
const MEMBER_ID = 0x4f8256cd80bf41can;
const CLUSTER_ID = 0xcae4ef2a93f29d1fn;

function fixture(version: string): { disk: SimDisk; bytes: Uint8Array } {
  const bytes = readFileSync(new URL(`etcd-${version}/member/wal/${NAME}`, FIXTURES));
  const disk = new SimDisk();
  disk.placeFile(`/wal/${NAME}`, bytes);
  return { disk, bytes };
}

function expected(version: string) {
  return JSON.parse(readFileSync(new URL(`etcd-${version}/expected.json`, FIXTURES), "utf8"));
}

describe("a log written by etcd 3.4.23", () => {
  test("is read as its makers expect", () => {
    const { disk } = fixture("3.4.23");
    const { wal, member } = expected("3.4.23");
    const log = readLog(disk, "/wal");
    expect(listRecords(disk, "/wal")).toHaveLength(wal.records);
    expect(log.entries.map((entry) => entry.index)).toEqual(
      Array.from({ length: wal.last_entry_index }, (_, at) => at + 1),
    );
    const vote = BigInt(`0x${wal.hardstate.vote_hex}`);
    expect(log.hardState).toEqual({ term: wal.hardstate.term, vote, commit: wal.hardstate.commit });
    expect(log.snapshots.map(({ index, term }) => [index, term])).toEqual(wal.snapshot_records);
    expect(member.id_hex).toBe(MEMBER_ID.toString(16));
    expect(Metadata.decode(log.metadata ?? new Uint8Array())).toEqual({
      NodeID: MEMBER_ID,
      ClusterID: CLUSTER_ID,
    });
  });

  test("can be continued", () => {
    const { disk } = fixture("3.4.23");
    const opened = Wal.open(disk, "/wal", { index: 21, term: 2 });
    expect(opened.repaired).toBeUndefined();
    expect(opened.entries.map((entry) => entry.index)).toEqual([
      22, 23, 24, 25, 26, 27, 28, 29, 30,
    ]);
    const entry: Entry = { type: 0, term: 3, index: 31, data: Buffer.from("more") };
    opened.wal.append({ term: 3, vote: MEMBER_ID, commit: 30 }, [entry]);
    opened.wal.close();
    const log = readLog(disk, "/wal");
    expect(log.entries).toHaveLength(31);
    expect(log.entries.at(-1)).toMatchObject({ term: 3, index: 31 });
  });
});

describe("a log written by etcd 3.7.1", () => {
  test("is read as its makers expect", () => {
    const { disk } = fixture("3.7.1");
    const log = readLog(disk, "/wal");
    expect(log.entries).toHaveLength(expected("3.7.1").wal.entries);
    expect(log.hardState).toEqual({ term: 2, vote: MEMBER_ID, commit: 59 });
    expect(validSnapshotEntries(disk, "/wal").map(({ index }) => index)).toEqual([0, 21, 42]);
    const confState = {
      voters: [MEMBER_ID],
      learners: [],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    };
    expect(lastValidSnapshot(disk, "/wal")).toEqual({ index: 42, term: 2, confState });
  });

  test("is what this writer makes of the same records, byte for byte", () => {
    const { disk, bytes } = fixture("3.7.1");
    const { snapshots } = readLog(disk, "/wal");
    const encoder = new RecordEncoder(0);
    let snapshotsSeen = 0;
    for (const { type, data } of listRecords(disk, "/wal")) {
      if (type === RecordType.crc) encoder.crc();
      else if (type === RecordType.metadata) encoder.metadata(data);
      else if (type === RecordType.entry) encoder.entry(decodeEntry(new WireReader(data)));
      else if (type === RecordType.state) encoder.state(decodeHardState(new WireReader(data)));
      else {
        const snapshot = snapshots[snapshotsSeen++];
        encoder.snapshot(snapshot?.index ?? -1, snapshot?.term ?? -1, snapshot?.confState);
      }
    }
    const used = encoder.length;
    expect(used).toBeGreaterThan(11_000);
    expect(Buffer.compare(encoder.view(), bytes.subarray(0, used))).toBe(0);
    expect(bytes.subarray(used).every((byte) => byte === 0)).toBe(true);
  });

  test("starts like a log that is created and written here", () => {
    const { disk, bytes } = fixture("3.7.1");
    const { metadata, entries } = readLog(disk, "/wal");
    const wal = Wal.create(disk, "/ours", metadata ?? new Uint8Array(), { segmentBytes: 65536 });
    wal.append({ term: 1, vote: 0n, commit: 1 }, entries.slice(0, 1));
    wal.append({ term: 2, vote: MEMBER_ID, commit: 1 }, []);
    wal.append(undefined, entries.slice(1, 3));
    const ours = disk.readFile(`/ours/${NAME}`);
    expect(ours).toHaveLength(65536);
    expect(Buffer.compare(ours.subarray(0, 0x160), bytes.subarray(0, 0x160))).toBe(0);
  });
});
