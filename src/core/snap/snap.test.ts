// SPDX-License-Identifier: Apache-2.0

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import { EMPTY_CONF_STATE, type Snapshot } from "../raft/index.ts";
import {
  decodeMembershipV2,
  decodeSnapFile,
  encodeMembershipV2,
  encodeSnapFile,
  SnapError,
  Snapshotter,
  snapFileName,
} from "./index.ts";

const DIRECTORY = "/m/snap";
const MEMBER_ID = 0x4f8256cd80bf41can;

function snapshot(term: number, index: number, data = "{}"): Snapshot {
  const confState = { ...EMPTY_CONF_STATE, voters: [1n, MEMBER_ID] };
  return { data: new TextEncoder().encode(data), metadata: { confState, index, term } };
}

function fixture(version: string): Uint8Array {
  const path = `etcd-${version}/member/snap/${snapFileName(2, 21)}`;
  return readFileSync(new URL(`../../../test/fixtures/${path}`, import.meta.url));
}

function fresh(): { disk: SimDisk; snapshotter: Snapshotter } {
  const disk = new SimDisk();
  disk.makeDirectory(DIRECTORY);
  return { disk, snapshotter: new Snapshotter(disk, DIRECTORY) };
}

const FIXTURE_MEMBER = {
  id: MEMBER_ID,
  peerUrls: ["http://127.0.0.1:31580"],
  isLearner: false,
  name: "s1",
  clientUrls: ["http://127.0.0.1:31579"],
};

describe("a snapshot file of etcd", () => {
  test.each(["3.4.23", "3.7.1"])("%s is read, and written again byte for byte", (version) => {
    const bytes = fixture(version);
    const { data, metadata } = decodeSnapFile(bytes, "file");
    expect(metadata).toEqual({
      index: 21,
      term: 2,
      confState: { ...EMPTY_CONF_STATE, voters: [MEMBER_ID] },
    });
    const clusterVersion = version === "3.4.23" ? "3.4.0" : "3.7.0";
    const membership = { members: [FIXTURE_MEMBER], removedIds: [], version: clusterVersion };
    expect(decodeMembershipV2(data)).toEqual(membership);
    const ours = encodeMembershipV2(membership);
    expect(Buffer.from(ours).toString()).toBe(Buffer.from(data).toString());
    expect(Buffer.compare(encodeSnapFile({ data: ours, metadata }), bytes)).toBe(0);
  });
});

describe("the dump of the membership", () => {
  test("is read as it was written, with learners, removed members and without a version", () => {
    const membership = {
      members: [
        FIXTURE_MEMBER,
        { id: 9n, peerUrls: ["http://p"], isLearner: true, name: "", clientUrls: [] },
      ].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      removedIds: [7n, 0xffff_ffff_ffff_ffffn],
      version: undefined,
    };
    expect(decodeMembershipV2(encodeMembershipV2(membership))).toEqual(membership);
  });

  test("is read without the parts that members may leave out", () => {
    const node = (children: object) => ({ Path: "", Value: "", Children: children });
    const file = (value: string) => ({ Path: "", Value: value, Children: null });
    const member = node({ raftAttributes: file('{"peerURLs":["http://p"]}') });
    const root = node({ 0: node({ members: node({ a: member }) }) });
    const dump = { Root: root, CurrentIndex: 1, CurrentVersion: 2 };
    expect(decodeMembershipV2(Buffer.from(JSON.stringify(dump)))).toEqual({
      members: [{ id: 10n, peerUrls: ["http://p"], isLearner: false, name: "", clientUrls: [] }],
      removedIds: [],
      version: undefined,
    });
    expect(() => decodeMembershipV2(Buffer.from("{"))).toThrow(SyntaxError);
  });

  const learner = { ...FIXTURE_MEMBER, id: 255n, isLearner: true, name: "", clientUrls: [] };
  const second = {
    ...FIXTURE_MEMBER,
    id: 16n,
    name: `a<b>&"é\u2028`,
    peerUrls: ["http://a", "http://b"],
  };
  const text = Buffer.from(
    encodeMembershipV2({ members: [learner, second], removedIds: [9n, 10n], version: undefined }),
  ).toString();
  const dump = JSON.parse(text);

  test("holds members, learners and removed members under their paths", () => {
    const { members, removed_members: removed, version } = dump.Root.Children["0"].Children;
    expect(Object.keys(members.Children)).toEqual(["10", "ff"]);
    expect(Object.keys(members.Children.ff.Children)).toEqual(["raftAttributes"]);
    expect(JSON.parse(members.Children.ff.Children.raftAttributes.Value)).toEqual({
      peerURLs: ["http://127.0.0.1:31580"],
      isLearner: true,
    });
    const published = JSON.parse(members.Children["10"].Children.attributes.Value);
    expect(published).toEqual({ name: `a<b>&"é\u2028`, clientURLs: ["http://127.0.0.1:31579"] });
    expect(Object.keys(removed.Children)).toEqual(["9", "a"]);
    expect(removed.Children.a).toMatchObject({
      Path: "/0/removed_members/a",
      Value: "",
      Children: null,
    });
    expect(version).toBeUndefined();
    expect(dump.Root.Children["1"].Children).toEqual({});
  });

  test("escapes twice what Go's encoder escapes", () => {
    expect(text).toContain(`\\"name\\":\\"a\\\\u003cb\\\\u003e\\\\u0026\\\\\\"é\\\\u2028\\"`);
    expect(text).not.toMatch(/[<>&\u2028]/);
  });

  test("fills every slot of the history, since readers crash over a short one", () => {
    const { Queue: queue, StartIndex: start, LastIndex: last } = dump.WatcherHub.EventHistory;
    expect(queue.Events).toHaveLength(queue.Capacity);
    expect(queue.Events.filter((event: unknown) => event !== null)).toHaveLength(5);
    expect([queue.Size, queue.Back, start, last, dump.CurrentIndex]).toEqual([5, 5, 1, 5, 5]);
  });

  test("keeps the newest events of a membership that has more than the history holds", () => {
    const removedIds = Array.from({ length: 1500 }, (_, at) => BigInt(at + 1));
    const many = JSON.parse(
      Buffer.from(encodeMembershipV2({ members: [], removedIds, version: "3.7.0" })).toString(),
    );
    const { Queue: queue, StartIndex: start } = many.WatcherHub.EventHistory;
    expect([queue.Events.length, queue.Size, queue.Back, start]).toEqual([1000, 1000, 0, 502]);
    expect(queue.Events.at(-1).node).toMatchObject({ key: "/0/version", modifiedIndex: 1501 });
  });
});

describe("saving", () => {
  test("is durable when it resolves and leaves one file, named by term and index", async () => {
    const { disk, snapshotter } = fresh();
    expect(await snapshotter.save(snapshot(2, 300))).toBe("0000000000000002-000000000000012c.snap");
    disk.crash({ seed: 0 });
    expect(disk.list(DIRECTORY)).toEqual(["0000000000000002-000000000000012c.snap"]);
    expect(snapshotter.loadNewest()).toEqual({ snapshot: snapshot(2, 300), broken: [] });
  });

  test("leaves rights to the umask, as etcd does", async () => {
    const directory = tempDir();
    const name = await new Snapshotter(new NodeDisk(), directory).save(snapshot(1, 1));
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test("shows the whole file or none when the disk or the power fails", async () => {
    for (const operation of ["write", "datasync", "rename"] as const) {
      for (let seed = 0; seed < 20; seed++) {
        const { disk, snapshotter } = fresh();
        await snapshotter.save(snapshot(1, 1));
        disk.fail({ operation, code: "EIO" });
        await expect(snapshotter.save(snapshot(1, 2, "x".repeat(5000)))).rejects.toThrow("EIO");
        disk.crash({ seed });
        expect(snapshotter.loadNewest()).toEqual({ snapshot: snapshot(1, 1), broken: [] });
        snapshotter.removeLeftovers();
        expect(disk.list(DIRECTORY)).toEqual([snapFileName(1, 1)]);
      }
    }
  });
});

describe("loading", () => {
  test("takes the largest name, term before index", async () => {
    const { snapshotter } = fresh();
    for (const [term, index] of [
      [1, 900],
      [2, 16],
      [2, 255],
      [1, 5],
    ] as const) {
      await snapshotter.save(snapshot(term, index));
    }
    expect(snapshotter.loadNewest().snapshot?.metadata).toMatchObject({ term: 2, index: 255 });
    const known = new Set([900, 5]);
    const { snapshot: found } = snapshotter.loadNewest(({ metadata }) => known.has(metadata.index));
    expect(found?.metadata.index).toBe(900);
    expect(snapshotter.loadNewest(() => false).snapshot).toBeUndefined();
  });

  test("sets broken files aside and goes on with the next", async () => {
    const { disk, snapshotter } = fresh();
    await snapshotter.save(snapshot(1, 1));
    const whole = encodeSnapFile(snapshot(1, 9));
    const flipped = new Uint8Array(whole);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    const damaged: [number, Uint8Array][] = [
      [2, new Uint8Array(0)],
      [3, flipped],
      [4, whole.subarray(0, whole.length - 1)],
      [5, Uint8Array.of(0x08, 0x00, 0x12, 0x00)],
      [6, Uint8Array.of(0x12, 0x01, 0x00)],
    ];
    for (const [index, bytes] of damaged) {
      disk.placeFile(`${DIRECTORY}/${snapFileName(1, index)}`, bytes);
    }
    expect(() => snapshotter.read(snapFileName(1, 3))).toThrow(SnapError);
    const { snapshot: found, broken } = snapshotter.loadNewest();
    expect(found).toEqual(snapshot(1, 1));
    expect(broken.map(({ name }) => name)).toEqual(
      [6, 5, 4, 3, 2].map((at) => snapFileName(1, at)),
    );
    expect(broken.at(-1)?.problem).toBe(
      `snap: ${DIRECTORY}/${snapFileName(1, 2)}: the file is empty`,
    );
    expect(disk.list(DIRECTORY).filter((name) => name.endsWith(".snap.broken"))).toHaveLength(5);
    expect(snapshotter.loadNewest().broken).toEqual([]);
  });

  test("finds nothing in an empty directory", () => {
    expect(fresh().snapshotter.loadNewest()).toEqual({ snapshot: undefined, broken: [] });
  });
});

describe("clearing away", () => {
  test("keeps the newest snapshots and the newest databases", async () => {
    const { disk, snapshotter } = fresh();
    for (let index = 1; index <= 7; index++) {
      await snapshotter.save(snapshot(1, index));
      disk.placeFile(snapshotter.databasePath(index), Uint8Array.of(1));
    }
    expect(await snapshotter.purge(0)).toEqual([]);
    expect(await snapshotter.purge(5)).toEqual([
      ...[1, 2].map((index) => snapFileName(1, index)),
      "0000000000000001.snap.db",
      "0000000000000002.snap.db",
    ]);
    expect(snapshotter.list()).toHaveLength(5);
    expect(snapshotter.removeDatabasesBefore(6)).toEqual(
      [3, 4, 5].map((index) => `000000000000000${index}.snap.db`),
    );
    expect(snapshotter.list()).toHaveLength(5);
  });

  test("deletes one file at a time, and none while the caller runs", async () => {
    const { disk, snapshotter } = fresh();
    for (let index = 1; index <= 4; index++) await snapshotter.save(snapshot(1, index));
    const counts: number[] = [];
    const purged = snapshotter.purge(1).finally(() => counts.push(-1));
    while (counts.at(-1) !== -1) {
      counts.push(disk.list(DIRECTORY).length);
      await Promise.resolve();
    }
    expect(await purged).toHaveLength(3);
    expect([...new Set(counts)]).toEqual([4, 3, 2, 1, -1]);
  });

  test("removes what a crash has left and nothing else", () => {
    const { disk, snapshotter } = fresh();
    for (const name of ["tmp123", "tmp-x", "db.tmp.5", "db", "a.snap.broken"]) {
      disk.placeFile(`${DIRECTORY}/${name}`, Uint8Array.of(1));
    }
    expect(snapshotter.removeLeftovers()).toEqual(["db.tmp.5", "tmp-x", "tmp123"]);
    expect(disk.list(DIRECTORY)).toEqual(["a.snap.broken", "db"]);
  });
});
