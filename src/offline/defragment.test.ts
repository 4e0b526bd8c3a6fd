// SPDX-License-Identifier: Apache-2.0

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Fault, FaultyDisk } from "../../test/harness/faulty-disk.ts";
import { openLmdbBackend } from "../core/backend/index.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { StoppedError } from "./build.ts";
import { type DefragmentOutside, defragmentMember } from "./defragment.ts";
import { buildDefragmented } from "./defragment-build.ts";
import { describeFailure } from "./spelling.ts";

const ROWS = 20_000;

let dataDir = "";

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "defragment-"));
  mkdirSync(join(dataDir, "member/snap"), { recursive: true });
});

afterEach(() => {
  rmSync(dataDir, { recursive: true });
});

async function fillStore(): Promise<string> {
  const store = join(dataDir, "member/snap/store.lmdb");
  const backend = await openLmdbBackend(store);
  const key = (row: number) => Buffer.from(`row ${String(row).padStart(6, "0")}`);
  for (let row = 0; row < ROWS; row++) backend.put("key", key(row), Buffer.alloc(500));
  await backend.commit();
  await backend.close();
  return store;
}

test("a defragmentation that is stopped leaves the store, and no copy beside it", async () => {
  const store = await fillStore();
  const stopping = new AbortController();
  const outside: DefragmentOutside = {
    begun: () => void setImmediate(() => stopping.abort()),
    done: () => expect.unreachable("it was stopped"),
    report: () => {},
    note: () => {},
    signal: stopping.signal,
  };
  const stopped = defragmentMember(new NodeDisk(), { dataDir, lockWaitMs: 100 }, outside);
  await expect(stopped).rejects.toThrow(StoppedError);
  expect(existsSync(`${store}.compacting`)).toBe(false);
  expect(readdirSync(join(dataDir, "member"))).toEqual(["snap"]);
  const again = await openLmdbBackend(store);
  expect(again.committedRows("key")).toBe(ROWS);
  await again.close();
});

test("how far it has come is told in bytes, while the store is read and while it is copied", async () => {
  await fillStore();
  const told: { readonly done: number; readonly total: number }[] = [];
  let readBytes = 0;
  await defragmentMember(
    new NodeDisk(),
    { dataDir, lockWaitMs: 100 },
    {
      begun: (_path, bytes) => {
        readBytes = bytes;
      },
      done: () => {},
      report: (done, total) => void told.push({ done, total }),
      note: () => {},
      signal: new AbortController().signal,
    },
  );
  const done = told.map((each) => each.done);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  for (const each of told) expect(each.done).toBeLessThanOrEqual(each.total);
  expect(done.filter((bytes) => bytes > 0 && bytes < readBytes).length).toBeGreaterThan(1);
  expect(done.some((bytes) => bytes > readBytes)).toBe(true);
});

test("a full disk ends a defragmentation with one error, and leaves the database", () => {
  const fixture = new URL("../../test/fixtures/etcd-3.7.1/snapshot.db", import.meta.url).pathname;
  const [from, to] = [join(dataDir, "db"), join(dataDir, "db.compacting")];
  copyFileSync(fixture, from);
  for (const operation of ["write", "datasync"] as const) {
    let after = 0;
    for (; after < 20; after++) {
      const fault: Fault = { operation, pathPart: "compacting", after, code: "ENOSPC" };
      try {
        buildDefragmented(new FaultyDisk(new NodeDisk(), fault), { from, to }, () => {});
        break;
      } catch (cause) {
        const text = String(describeFailure(cause, []));
        expect(text).toMatch(/db\.compacting: no space left on device; make room and try again$/);
      }
      expect(readFileSync(from).equals(readFileSync(fixture))).toBe(true);
    }
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThan(20);
  }
});
