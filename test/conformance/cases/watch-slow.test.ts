// SPDX-License-Identifier: Apache-2.0

import { type ClientHttp2Stream, connect } from "node:http2";
import { expect, test } from "vitest";
import { WatchRequest, WatchResponse, WatchService } from "../../../src/api/gen/etcdserverpb.ts";
import { bytes } from "../subjects/requests.ts";
import { type Store, sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { withWatch } from "../subjects/watch-stream.ts";

const messageHeadBytes = 5;

/** A watcher of one key over Node's own HTTP/2, which reads only when it is told to. */
class UnreadWatch {
  readonly #session: ReturnType<typeof connect>;
  readonly #stream: ClientHttp2Stream;

  constructor(store: Store, key: string, startRevision: number) {
    this.#session = connect(store.server.url);
    this.#stream = this.#session.request({
      ":method": "POST",
      ":path": WatchService.watch.path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const message = WatchRequest.encode({ createRequest: { key: bytes(key), startRevision } });
    const framed = Buffer.alloc(messageHeadBytes + message.length);
    framed.writeUInt32BE(message.length, 1);
    framed.set(message, messageHeadBytes);
    this.#stream.write(framed);
  }

  /** Reads answers until so many events are there; gives their revisions. */
  async read(count: number): Promise<number[]> {
    const revisions: number[] = [];
    let rest = Buffer.alloc(0);
    for await (const chunk of this.#stream) {
      if (!Buffer.isBuffer(chunk)) throw new Error("the stream gave no bytes");
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= messageHeadBytes) {
        const end = messageHeadBytes + rest.readUInt32BE(1);
        if (rest.length < end) break;
        const answer = WatchResponse.decode(rest.subarray(messageHeadBytes, end));
        revisions.push(...answer.events.map(({ kv }) => kv?.modRevision ?? 0));
        rest = rest.subarray(end);
      }
      if (revisions.length >= count) break;
    }
    return revisions;
  }

  close(): void {
    this.#session.destroy();
  }
}

describeCases("seen on the running etcd: a client that does not read", () => {
  const store = sharedStore();

  test("O-watch-5 holds up nobody, and gets every event once it reads", async () => {
    const eventCount = 10_000;
    const atOnce = 100;
    const value = new Uint8Array(1_000);
    const start = (await store().revision()) + 1;
    const due = Array.from({ length: eventCount }, (_, index) => start + index);
    const slow = new UnreadWatch(store(), "foo", start);
    try {
      await withWatch(store().client, async (watch) => {
        await watch.create("foo", { startRevision: start });
        for (let put = 0; put < eventCount; put += atOnce) {
          await Promise.all(Array.from({ length: atOnce }, () => store().put("foo", value)));
        }
        await watch.events(eventCount);
        const events = watch.received.flatMap((answer) => answer.events);
        expect(events.map(({ kv }) => kv?.modRevision)).toEqual(due);
      });
      expect(await slow.read(eventCount)).toEqual(due);
    } finally {
      slow.close();
    }
  });
});
