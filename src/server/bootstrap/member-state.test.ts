// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import { silentLogger } from "../../base/contracts/logger.ts";
import { type Backend, MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import {
  ConfChangeType,
  EMPTY_CONF_STATE,
  type Entry,
  EntryType,
  encodeConfChange,
  encoded,
} from "../../core/raft/index.ts";
import { Wal } from "../../core/wal/index.ts";
import { dataPaths } from "./data-dir.ts";
import { foundMember, type MemberState, reopenMember, requireServed } from "./member-state.ts";

const PATHS = dataPaths("/d", undefined);
const FOUNDING = {
  members: [{ name: "m", peerUrls: ["http://127.0.0.1:2380"] }],
  name: "m",
  token: "t",
  wal: { segmentBytes: 4096 },
};
const CONF_STATE = { ...EMPTY_CONF_STATE, voters: [7n] };

class World {
  readonly disk = new SimDisk();
  backend: Backend = openMemoryBackend(new MemoryDisk());

  constructor() {
    this.disk.makeDirectory(PATHS.member);
  }

  found(): MemberState {
    return foundMember(this.disk, PATHS, this.backend, FOUNDING);
  }

  /** A closed log with entries up to `last`, of which `commit` are known to be committed. */
  write(last: number, commit: number, snapshot?: number): void {
    const { wal } = this.found();
    const entry = (index: number): Entry => ({ type: 0, term: 1, index, data: new Uint8Array() });
    wal.append(
      { term: 1, vote: 0n, commit },
      Array.from({ length: last - 1 }, (_, at) => entry(at + 2)),
    );
    if (snapshot !== undefined) wal.saveSnapshot(snapshot, 1, CONF_STATE);
    wal.close();
  }

  reopen(): MemberState {
    return reopenMember(this.disk, PATHS, this.backend, silentLogger, FOUNDING.wal);
  }
}

test("a founded member has its conf change in the log, committed and durable", () => {
  const world = new World();
  const { identity, storage, appliedIndex } = world.found();
  expect([storage.firstIndex(), storage.lastIndex(), appliedIndex]).toEqual([1, 1, 0]);
  world.disk.crash({ seed: 1 });
  const again = world.reopen();
  expect(again.identity).toEqual(identity);
  expect(again.storage.initialState().hardState).toMatchObject({ term: 1, commit: 1 });
});

test("founding beside a store that has applied something is refused", () => {
  const world = new World();
  world.backend.setConsistentIndex(5, 1);
  expect(() => world.found()).toThrow("holds a store but no log in /d/member/wal");
  expect(world.disk.list(PATHS.wal)).toEqual([]);
});

test("a new log does not take the place of other files, nor of a mounted file system", () => {
  const world = new World();
  world.disk.fail({ operation: "rename", code: "EIO" });
  expect(() => world.found()).toThrow(
    "the new log cannot take its place /d/member/wal (EIO); give --wal-dir a directory below it",
  );
  world.disk.placeFile(`${PATHS.wal}/notes`, Uint8Array.of(1));
  expect(() => world.found()).toThrow(
    "/d/member/wal holds no log but other files (notes); give --wal-dir an empty directory",
  );
  expect(world.disk.list(PATHS.wal)).toEqual(["notes"]);
  world.disk.removeFile(`${PATHS.wal}/notes`);
  expect(world.found().appliedIndex).toBe(0);
});

test("the commit index never lies behind what the store has applied", () => {
  const world = new World();
  world.write(9, 3);
  world.backend.setConsistentIndex(6, 1);
  const state = world.reopen();
  expect(state.appliedIndex).toBe(6);
  expect(state.storage.initialState().hardState.commit).toBe(6);
  expect(state.storage.lastIndex()).toBe(9);
});

test("a member with a snapshot starts from it", () => {
  const world = new World();
  world.write(9, 9, 5);
  world.backend.setConsistentIndex(7, 1);
  const state = world.reopen();
  expect([state.snapshotIndex, state.storage.firstIndex(), state.appliedIndex]).toEqual([5, 6, 7]);
});

test("a log that ends before what it says to be committed is refused", () => {
  const world = new World();
  world.write(5, 9);
  world.backend.setConsistentIndex(5, 1);
  expect(() => world.reopen()).toThrow(
    "the log in /d/member/wal says that entry 9 is committed, but ends at entry 5; its end was lost",
  );
});

test("a store of a later storage version is refused, and the log is not touched", () => {
  const world = new World();
  world.write(9, 9);
  world.backend.setConsistentIndex(9, 1);
  world.backend.put("meta", Buffer.from("storageVersion"), Buffer.from("3.9.0"));
  expect(() => world.reopen()).toThrow(
    'the store /d/member/snap/store.lmdb is of storage version 3.9.0: version "3.9.0" is not ' +
      "supported; start the etcd that wrote it, or go back to an older version",
  );
});

test("members that only the log knows of are told, unless they have left again", () => {
  const change = (index: number, type: ConfChangeType, nodeId: bigint): Entry => {
    const data = encoded(encodeConfChange, { id: 0n, type, nodeId, context: new Uint8Array() });
    return { type: EntryType.confChange, term: 1, index, data };
  };
  const world = new World();
  const { wal } = world.found();
  wal.append({ term: 1, vote: 0n, commit: 2 }, [change(2, ConfChangeType.addLearner, 9n)]);
  wal.close();
  expect(() => requireServed(PATHS, world.reopen())).toThrow(
    "data directory /d is that of a cluster of 2 members, which",
  );
  const reopened = Wal.open(world.disk, PATHS.wal, { index: 0, term: 0 }, FOUNDING.wal).wal;
  reopened.append({ term: 1, vote: 0n, commit: 3 }, [change(3, ConfChangeType.removeNode, 9n)]);
  reopened.close();
  const left = world.reopen();
  expect(left.storage.lastIndex()).toBe(3);
  requireServed(PATHS, left);
});

test.each([
  [
    "a store that ends before the log begins",
    4,
    5,
    /ends at entry 4, but the log .* after entry 5/,
  ],
  [
    "a store beyond the end of the log",
    10,
    undefined,
    /applied entry 10, but the log .* at entry 9/,
  ],
])("%s is refused, and the log can be opened again", (_, applied, snapshot, text) => {
  const world = new World();
  world.write(9, 9, snapshot);
  world.backend.setConsistentIndex(applied, 1);
  expect(() => world.reopen()).toThrow(text);
  world.backend = openMemoryBackend(new MemoryDisk());
  world.backend.setConsistentIndex(9, 1);
  expect(world.reopen().appliedIndex).toBe(9);
});
