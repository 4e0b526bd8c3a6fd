// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { crc32c } from "../../base/crc32c.ts";
import {
  type Backend,
  ETCD_TABLES,
  MemoryDisk,
  openLmdbBackend,
  openMemoryBackend,
  type PinnedView,
  WholeHash,
} from "./index.ts";

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

const places: Readonly<Record<string, () => Promise<Backend>>> = {
  memory: async () => openMemoryBackend(new MemoryDisk()),
  lmdb: () => {
    const directory = mkdtempSync(join(tmpdir(), "backend-"));
    directories.push(directory);
    return openLmdbBackend(directory);
  },
};

function keysOf(view: PinnedView): string[] {
  const keys: string[] = [];
  view.scan("auth", new Uint8Array(0), undefined, (buffer, start, end) => {
    keys.push(Buffer.from(buffer.subarray(start, end)).toString());
    return true;
  });
  return keys;
}

async function write(backend: Backend, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) backend.put("auth", Buffer.from(key), Buffer.from("v"));
  await backend.commit();
}

describe.each(Object.keys(places))("a pinned view in %s", (name) => {
  const open = places[name] as () => Promise<Backend>;

  it("shows what is committed, and stays as it is while more is", async () => {
    const backend = await open();
    await write(backend, "a", "b");
    backend.put("auth", Buffer.from("waiting"), Buffer.from("v"));
    const view = backend.pin();
    expect(keysOf(view)).toEqual(["a", "b"]);
    backend.delete("auth", Buffer.from("a"));
    await write(backend, "c");
    await write(backend, "d");
    expect(keysOf(view)).toEqual(["a", "b"]);
    const later = backend.pin();
    expect(keysOf(later)).toEqual(["b", "c", "d", "waiting"]);
    view.close();
    later.close();
    await backend.close();
  });

  it("is hashed in steps, bucket by bucket and row by row", async () => {
    const backend = await open();
    await write(backend, "a", "b", "c");
    backend.setConsistentIndex(7, 2);
    backend.put("meta", Buffer.from("storageVersion"), Buffer.from("3.7.0"));
    await backend.commit();
    const job = new WholeHash(backend.pin());
    let hash = job.step(1);
    let steps = 1;
    for (; hash === undefined; steps++) hash = job.step(1);
    let wanted = 0;
    for (const table of ETCD_TABLES) {
      wanted = crc32c(Buffer.from(table), wanted);
      if (table === "auth") wanted = crc32c(Buffer.from("avbvcv"), wanted);
    }
    expect(hash).toBe(wanted);
    expect(steps).toBeGreaterThan(ETCD_TABLES.length + 2);
    await backend.close();
  });
});
