// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Backend, openLmdbBackend } from "../core/backend/index.ts";
import { BoltReader, checkBolt } from "../core/bolt/index.ts";
import { MemoryFile } from "../core/bolt/testing/memory-file.ts";
import { StoreExport } from "./index.ts";

const chunkBytes = 32 * 1024;
const rows = 600;

let directory = "";
let backend: Backend | undefined;
afterEach(async () => {
  await backend?.close();
  backend = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function storeOf(count: number): Promise<{ store: string; path: string }> {
  directory = mkdtempSync(join(tmpdir(), "store-export-"));
  const store = join(directory, "store");
  backend = await openLmdbBackend(store);
  for (let at = 0; at < count; at++) {
    backend.put("auth", Buffer.from(String(at).padStart(6, "0")), Buffer.alloc(1000, at));
  }
  await backend.commit();
  return { store, path: join(directory, "tmp-export") };
}

test("a slow reader gets one whole state, whatever is written meanwhile", async () => {
  const { store, path } = await storeOf(rows);
  const { export: started, sizeBytes } = await StoreExport.start({ store, path, chunkBytes });
  // What the reader waits for is neither a name in the directory nor a state of the store.
  expect(readdirSync(directory)).toEqual(["store"]);
  for (let at = 0; at < rows; at++) {
    backend?.put("auth", Buffer.from(`later ${at}`), Buffer.from("x"));
  }
  await backend?.commit();
  const file = new MemoryFile();
  const digest = createHash("sha256");
  let position = 0;
  for (;;) {
    const chunk = await started.next();
    if (chunk.kind === "end") {
      expect(Buffer.from(chunk.hash).equals(digest.digest())).toBe(true);
      break;
    }
    // More is made meanwhile, but not in this chunk's place.
    const before = Buffer.from(chunk.bytes);
    await new Promise((resolve) => setImmediate(resolve));
    expect(before.equals(chunk.bytes)).toBe(true);
    file.write(before, position);
    digest.update(before);
    position += before.length;
  }
  started.close();
  expect(position).toBe(sizeBytes);
  expect(position).toBeGreaterThan(10 * chunkBytes);
  const reader = new BoltReader(file);
  expect(checkBolt(reader).findings).toEqual([]);
  let found = 0;
  const cursor = reader.bucket("auth")?.cursor();
  for (let more = cursor?.first(); more === true; more = cursor?.next()) found++;
  expect(found).toBe(rows);
});

test("an export that cannot begin, or that is closed, says so", async () => {
  const { store, path } = await storeOf(rows);
  const missing = join(directory, "missing", "tmp-export");
  await expect(StoreExport.start({ store, path: missing, chunkBytes })).rejects.toThrow("ENOENT");
  const { export: started } = await StoreExport.start({ store, path, chunkBytes });
  await started.next();
  started.close();
  const rest = async (): Promise<void> => {
    while ((await started.next()).kind !== "end");
  };
  await expect(rest()).rejects.toThrow("the export was stopped");
});
