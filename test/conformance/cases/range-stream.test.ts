// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  KVService,
  type RangeRequest,
  type RangeResponse,
  type RangeStreamResponse,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../../src/api/gen/etcdserverpb.ts";
import type { Init } from "../../../src/api/message-codec.ts";
import { rawStatus } from "../subjects/raw-call.ts";
import { expectRefusal, refusal, refused } from "../subjects/refusal.ts";
import { bytes, everything, keysOf, rangeRequest } from "../subjects/requests.ts";
import { Store, sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

/** All chunks of a stream, or how it failed. */
function stream(store: Store, request: Init<RangeRequest>): Promise<RangeResponse[]> {
  const call = store.client.serverStream(KVService.rangeStream, request);
  const chunks: RangeResponse[] = [];
  return new Promise((resolve, reject) => {
    call.on("data", ({ rangeResponse }: RangeStreamResponse) => {
      if (rangeResponse !== undefined) chunks.push(rangeResponse);
    });
    call.on("error", reject);
    call.on("end", () => resolve(chunks));
  });
}

const all = rangeRequest("\0", everything);
const names = Array.from({ length: 25 }, (_, at) => `key${String(at).padStart(2, "0")}`);

describeCases("range stream", () => {
  const store = sharedStore();

  test("S-054 an order other than that of the keys is not supported", async () => {
    const text = "RangeStream does not support custom sort orders";
    const { ASCEND, DESCEND } = SortOrder;
    const wanted = refusal("UNIMPLEMENTED", text);
    await expectRefusal(stream(store(), { ...all, sortOrder: DESCEND }), wanted);
    const byVersion = { sortOrder: ASCEND, sortTarget: SortTarget.VERSION };
    await expectRefusal(stream(store(), { ...all, ...byVersion }), wanted);
    await store().putAll("a", "b");
    const [chunk] = await stream(store(), { ...all, sortOrder: ASCEND });
    expect(keysOf(chunk)).toEqual(["a", "b"]);
  });

  test("S-055 filters by revision are not supported", async () => {
    const text = "RangeStream does not support revision filters";
    for (const filter of [
      { minModRevision: 1 },
      { maxModRevision: 1 },
      { minCreateRevision: 1 },
      { maxCreateRevision: 1 },
    ]) {
      await expectRefusal(stream(store(), { ...all, ...filter }), refusal("UNIMPLEMENTED", text));
    }
  });

  test("S-056 what a range refuses, a stream does too", async () => {
    await expectRefusal(stream(store(), rangeRequest("", everything)), refused.noKey);
    await expectRefusal(stream(store(), { ...all, sortOrder: 9 }), refused.badSort);
  });

  test("S-057 the first chunk is small, and only the last one tells header, more and count", async () => {
    await store().putAll(...names);
    const revision = await store().revision();
    const chunks = await stream(store(), all);
    expect(chunks.length).toBeGreaterThanOrEqual(2);
    expect(chunks[0]?.kvs.length).toBeLessThanOrEqual(10);
    expect(chunks.flatMap((chunk) => keysOf(chunk))).toEqual(names);
    const last = chunks.pop();
    expect(last).toMatchObject({ more: false, count: 25, header: { revision } });
    for (const { header, more, count } of chunks) {
      expect([header, more, count]).toEqual([undefined, false, 0]);
    }
  });

  test("S-058 a limit leaves out pairs and says so", async () => {
    await store().putAll(...names);
    const chunks = await stream(store(), { ...all, limit: 10 });
    expect(chunks.flatMap((chunk) => keysOf(chunk))).toEqual(names.slice(0, 10));
    expect(chunks.at(-1)).toMatchObject({ more: true, count: 25 });
  });

  test("S-059 a limit above the number of pairs leaves out none", async () => {
    await store().putAll(...names);
    for (const limit of [25, 100]) {
      const chunks = await stream(store(), { ...all, limit });
      expect(chunks.flatMap((chunk) => keysOf(chunk))).toEqual(names);
      expect(chunks.at(-1)).toMatchObject({ more: false, count: 25 });
    }
  });

  test("S-060 a count is one message", async () => {
    await store().putAll(...names);
    const revision = await store().revision();
    const chunks = await stream(store(), { ...all, countOnly: true });
    expect(chunks).toHaveLength(1);
    expect(chunks[0]).toMatchObject({ count: 25, kvs: [], header: { revision } });
  });

  test("S-061 what is written meanwhile does not show", async () => {
    const big = new Uint8Array(512 * 1024).fill(0x61);
    for (const name of names) await store().put(name, big);
    const revision = await store().revision();
    const call = store().client.serverStream(KVService.rangeStream, all);
    const found: string[] = [];
    let last: RangeResponse | undefined;
    for await (const { rangeResponse } of call as AsyncIterable<RangeStreamResponse>) {
      if (found.length === 0) {
        // The client's window holds back the rest of the chunks while this is written.
        await store().put("key00a");
        await store().del("key24");
        await store().put("key99");
      }
      found.push(...keysOf(rangeResponse));
      last = rangeResponse;
    }
    expect(found).toEqual(names);
    expect(last).toMatchObject({ count: 25, header: { revision } });
  });

  test("S-063 a compacted revision is refused", async () => {
    const [first = 0, second = 0] = await store().putAll("a", "a");
    await store().compact(second);
    await expectRefusal(stream(store(), { ...all, revision: first }), refused.compacted);
    const beyond = { ...all, revision: second + 10 };
    await expectRefusal(stream(store(), beyond), refused.future);
  });

  test("O-stream-1 one key is a stream of one message", async () => {
    await store().putAll("a", "b");
    const chunks = await stream(store(), { key: bytes("a"), keysOnly: true });
    expect(chunks.map((chunk) => keysOf(chunk))).toEqual([["a"]]);
    expect(chunks[0]?.count).toBe(1);
  });

  test("O-stream-3 bytes that are no request end the stream", async () => {
    const bytesOfNothing = Uint8Array.of(0x0a, 0x7f);
    const text =
      "grpc: failed to unmarshal the received message: " +
      "proto: cannot parse invalid wire-format data";
    const { path } = KVService.rangeStream;
    const answer = await rawStatus(store().server.url, path, bytesOfNothing, {});
    expect(answer).toEqual(refusal("INTERNAL", text));
  });

  test("O-stream-2 an empty range is one message with a header", async () => {
    const chunks = await stream(store(), all);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]).toMatchObject({ count: 0, kvs: [], more: false });
    expect(chunks[0]?.header?.revision).toBe(await store().revision());
  });
});

describeCases("range stream of large values", () => {
  test("S-062 values above the size of a chunk come one by one", async () => {
    const value = new Uint8Array(4 * 1024 * 1024).fill(0x61);
    const keys = names.slice(0, 20);
    const writer = await Store.open({ args: ["--max-request-bytes=8388608"] });
    try {
      for (const key of keys) await writer.put(key, value);
      await writer.server.kill("SIGTERM");
      const { dataDir, ports } = writer.server;
      const reader = await Store.open({ dataDir, ports });
      try {
        const chunks = await stream(reader, all);
        expect(chunks.flatMap((chunk) => keysOf(chunk))).toEqual(keys);
        expect(chunks.at(-1)?.kvs).toHaveLength(1);
        const lengths = chunks.flatMap(({ kvs }) => kvs.map((kv) => kv.value.length));
        expect(new Set(lengths)).toEqual(new Set([value.length]));
      } finally {
        await reader.close();
      }
    } finally {
      await writer.close();
    }
  });
});
