// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { SimDisk } from "../../test/harness/sim-disk.ts";
import { Metadata, PutRequest } from "../api/gen/etcdserverpb.ts";
import { WireWriter } from "../base/wire-writer.ts";
import { writeRequest } from "../core/apply/index.ts";
import {
  EMPTY_CONF_STATE,
  type Entry,
  encodeConfChange,
  encoded,
  type HardState,
} from "../core/raft/index.ts";
import { listSegments, Wal } from "../core/wal/index.ts";
import { Findings } from "./finding.ts";
import { surveyWal, type WalSurvey } from "./wal-survey.ts";

const DIRECTORY = "/m/wal";
const OPTIONS = { segmentBytes: 4096 };

function put(index: number, term: number): Entry {
  const writer = new WireWriter();
  const message = PutRequest.encode({ key: Buffer.from(`k${index}`), value: new Uint8Array(100) });
  writeRequest(writer, "put", message, { low: index, high: 1 });
  return { type: 0, term, index, data: writer.copy() };
}

function puts(first: number, last: number, term: number): Entry[] {
  return Array.from({ length: last - first + 1 }, (_, at) => put(first + at, term));
}

function logOf(steps: (wal: Wal) => void): SimDisk {
  const disk = new SimDisk();
  const metadata = Metadata.encode({ NodeID: 5n, ClusterID: 6n });
  const wal = Wal.create(disk, DIRECTORY, metadata, OPTIONS);
  steps(wal);
  wal.close();
  return disk;
}

function state(term: number, commit: number): HardState {
  return { term, vote: 5n, commit };
}

function survey(disk: SimDisk): { readonly survey: WalSurvey; readonly problems: string[] } {
  const findings = new Findings();
  const found = surveyWal(disk, DIRECTORY, listSegments(disk, DIRECTORY), findings);
  return { survey: found, problems: findings.list.map(({ problem }) => problem) };
}

const indexOf = (name: string): number => Number.parseInt(name.slice(17, 33), 16);

describe("a log that is as it should be", () => {
  test("of many segments, the first of which were released", () => {
    const disk = logOf((wal) => {
      for (let first = 1; first <= 200; first += 10) {
        wal.append(state(1, first + 9), puts(first, first + 9, 1));
        wal.syncNow();
      }
      wal.saveSnapshot(150, 1, EMPTY_CONF_STATE);
    });
    const names = disk.list(DIRECTORY).filter((name) => name.endsWith(".wal"));
    expect(names.length).toBeGreaterThan(5);
    expect(survey(disk)).toMatchObject({ problems: [], survey: { log: { lastIndex: 200 } } });
    for (const name of names.slice(0, 3)) disk.removeFile(`${DIRECTORY}/${name}`);
    const { survey: later, problems } = survey(disk);
    expect(problems).toEqual([]);
    expect(later.log.firstIndex).toBeGreaterThan(50);
    // Up to the one that holds the entries behind the snapshot, and then one more.
    for (const name of names.slice(3).filter((each) => indexOf(each) <= 151)) {
      disk.removeFile(`${DIRECTORY}/${name}`);
    }
    expect(survey(disk).problems).toEqual([
      expect.stringMatching(/^the log should reach back to the snapshot at entry 150, but begins/),
    ]);
  });

  test("whose tail a later leader has replaced", () => {
    const disk = logOf((wal) => {
      wal.append(state(1, 3), puts(1, 6, 1));
      wal.append(state(2, 3), puts(4, 5, 2));
      wal.append(state(2, 7), puts(6, 7, 2));
    });
    const { survey: found, problems } = survey(disk);
    expect(problems).toEqual([]);
    expect(found.log.terms.at(3)).toBe(1);
    expect(found.log.terms.at(4)).toBe(2);
  });

  test("that a snapshot of the leader has replaced", () => {
    const disk = logOf((wal) => {
      wal.append(state(1, 3), puts(1, 3, 1));
      wal.saveSnapshot(50, 4, { ...EMPTY_CONF_STATE, voters: [5n] });
      wal.append(state(4, 50), puts(51, 52, 4));
    });
    const { survey: found, problems } = survey(disk);
    expect(problems).toEqual([]);
    expect(found.log).toMatchObject({ firstIndex: 51, lastIndex: 52 });
  });
});

describe("records that contradict each other", () => {
  test("entries that are missing", () => {
    const disk = logOf((wal) => {
      wal.append(state(1, 3), puts(1, 3, 1));
      wal.append(state(1, 3), puts(5, 5, 1));
    });
    expect(survey(disk).problems).toEqual(["entry 4 should follow, not 5: entries are missing"]);
  });

  test("a committed entry that is replaced", () => {
    const disk = logOf((wal) => {
      wal.append(state(1, 3), puts(1, 3, 1));
      wal.append(state(2, 3), puts(2, 4, 2));
    });
    expect(survey(disk).problems).toEqual([
      "entry 2 of term 1 was committed and is replaced by one of term 2",
    ]);
  });

  test("terms and commits that fall, and a commit beyond the end", () => {
    const disk = logOf((wal) => {
      wal.append(state(3, 2), puts(1, 2, 3));
      wal.append(state(2, 2), puts(3, 3, 2));
      wal.append(state(3, 9), []);
    });
    expect(survey(disk).problems).toEqual([
      "entry 3 has term 2, the one before it 3",
      "term and commit only grow, but here they are 2 and 2 after 3 and 2",
      "entry 9 was committed, but the log ends at entry 3",
    ]);
  });

  test("a change of members that describes another one, and data that is no request", () => {
    const context = Buffer.from('{"id":9,"peerURLs":["http://a"]}');
    const change = encoded(encodeConfChange, { id: 1n, type: 0, nodeId: 8n, context });
    const disk = logOf((wal) => {
      wal.append(state(1, 1), [{ type: 1, term: 1, index: 1, data: change }]);
      wal.append(state(1, 2), [{ type: 0, term: 1, index: 2, data: Buffer.from("??") }]);
    });
    expect(survey(disk).problems).toEqual([
      "entry 1 holds a change of members that makes no sense",
      expect.stringMatching(/^entry 2 holds no request that can be applied \(/),
    ]);
  });
});

test("damage in one segment does not keep the others from being checked", () => {
  const disk = logOf((wal) => {
    for (let first = 1; first <= 100; first += 10) {
      wal.append(state(1, first + 9), puts(first, first + 9, 1));
      wal.syncNow();
    }
  });
  const names = disk.list(DIRECTORY).filter((name) => name.endsWith(".wal"));
  const damaged = new SimDisk();
  for (const [at, name] of names.entries()) {
    const bytes = new Uint8Array(disk.readFile(`${DIRECTORY}/${name}`));
    if (at === 0 || at === 2) bytes[700] = (bytes[700] ?? 0) ^ 4;
    damaged.placeFile(`${DIRECTORY}/${name}`, bytes);
  }
  const { survey: found, problems } = survey(damaged);
  expect(problems).toHaveLength(2);
  expect(found.log.lastIndex).toBe(100);
  expect(found.isWhole).toBe(false);
});
