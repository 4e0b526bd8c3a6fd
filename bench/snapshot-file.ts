// SPDX-License-Identifier: Apache-2.0

import { KeyValue } from "../src/api/gen/mvccpb.ts";
import { ETCD_BUCKETS, META_KEYS, revisionKey, writeDatabase } from "../src/core/etcd-db/index.ts";
import { NodeDisk } from "../src/platform/node-disk.ts";
import { createSha256 } from "../src/platform/sha256.ts";

const VALUE_BYTES = 256;
/** Keys are written in an order that is not theirs. */
const STRIDE = 7919;

/** The `index`-th key that was written, of so many. */
function snapshotKey(index: number, keys: number): Buffer {
  return Buffer.from(`key-${String((index * STRIDE) % keys).padStart(12, "0")}`);
}

/** Writes a database of so many keys with its hash behind it. */
export function writeSnapshot(path: string, keys: number): void {
  const disk = new NodeDisk();
  const file = disk.open(path, "create");
  const value = Buffer.alloc(VALUE_BYTES, "v");
  const { sizeBytes } = writeDatabase(file, (writer) => {
    for (const bucket of ETCD_BUCKETS) {
      writer.openBucket(bucket);
      if (bucket === "key") {
        for (let at = 0; at < keys; at++) {
          const key = snapshotKey(at, keys);
          const revision = at + 2;
          const pair = { key, value, createRevision: revision, modRevision: revision, version: 1 };
          writer.put(revisionKey(revision, 0), KeyValue.encode(pair));
        }
      }
      if (bucket !== "meta") continue;
      const index = Buffer.alloc(8);
      index.writeBigUInt64BE(BigInt(keys));
      writer.put(META_KEYS.consistentIndex, index);
      writer.put(META_KEYS.storageVersion, Buffer.from("3.7.0"));
      writer.put(META_KEYS.term, Buffer.from([0, 0, 0, 0, 0, 0, 0, 2]));
    }
  });
  const digest = createSha256();
  const slice = new Uint8Array(1 << 20);
  for (let at = 0; at < sizeBytes; at += slice.length) {
    const count = file.readInto(slice, at);
    digest.update(slice.subarray(0, Math.min(count, sizeBytes - at)));
  }
  file.write(digest.finish(), sizeBytes);
  file.datasyncNow();
  file.close();
}
