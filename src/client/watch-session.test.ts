// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeServer } from "../../test/golden/fake-server.ts";
import { type WatchResponse, WatchService } from "../api/gen/etcdserverpb.ts";
import { GrpcCode } from "../api/rpc-errors.ts";
import { Client } from "./client.ts";
import { WatchRefusedError } from "./errors.ts";
import { WatchSession } from "./watch-session.ts";

const key = Buffer.from("k");
const header = (revision: number) => ({ revision });
const created = (watchId: bigint) => ({ created: true, watchId, header: header(5) });

let server: FakeServer;
let client: Client;
let session: WatchSession;

beforeEach(async () => {
  server = await FakeServer.start();
  client = new Client({ endpoints: [server.endpoint] });
  session = new WatchSession(client);
});

afterEach(() => {
  client.close();
  server.stop();
});

async function next(watch: AsyncIterable<WatchResponse>): Promise<WatchResponse | undefined> {
  const result = await watch[Symbol.asyncIterator]().next();
  return result.done === true ? undefined : result.value;
}

test("all watches of a session share one stream, and each gets the progress of the stream", async () => {
  server.answer(WatchService.watch, created(0n), created(1n));
  const first = await session.watch({ key });
  const second = await session.watch({ key });
  await session.requestProgress();
  expect((await next(first))?.header?.revision).toBe(4711);
  expect((await next(second))?.header?.revision).toBe(4711);
  expect(server.streamCount).toBe(1);
});

test("a watch that is refused ends with the reason, and others go on", async () => {
  const refusal = { created: true, canceled: true, watchId: -1n, cancelReason: "no such luck" };
  server.answer(WatchService.watch, refusal, created(0n));
  const refused = await session.watch({ key });
  await expect(next(refused)).rejects.toThrow(new WatchRefusedError("no such luck"));
  const other = await session.watch({ key });
  await session.requestProgress();
  expect(await next(other)).toMatchObject({ watchId: -1n });
});

test("after a broken connection every watch is created anew where it was", async () => {
  server.answer(WatchService.watch, created(0n), created(1n));
  const first = await session.watch({ key });
  await session.watch({ key, startRevision: 3 });
  await session.requestProgress();
  await next(first);
  server.take();
  server.answer(WatchService.watch, created(7n), created(8n));
  server.breakStreams();
  await session.watch({ key });
  const starts = server.take().map(({ request }) => {
    return WatchService.watch.request.decode(request).createRequest?.startRevision;
  });
  expect(starts).toEqual([4712, 4712, 0]);
});

test("an error that no new connection can mend ends every watch, and a new one starts afresh", async () => {
  server.answer(WatchService.watch, created(0n), {
    code: GrpcCode.permissionDenied,
    details: "no",
  });
  const first = await session.watch({ key });
  const second = await session.watch({ key });
  const text = "rpc error: code = PermissionDenied desc = no";
  await expect(next(first)).rejects.toThrow(text);
  await expect(next(second)).rejects.toThrow(text);
  server.answer(WatchService.watch, created(0n));
  const third = await session.watch({ key });
  await session.requestProgress();
  expect(await next(third)).toBeDefined();
});

test("a watch canceled by a compaction gets the answer that says so, then ends", async () => {
  const canceled = { watchId: 0n, canceled: true, compactRevision: 9 };
  server.stream(WatchService.watch, created(0n), canceled);
  const seen: number[] = [];
  for await (const response of await session.watch({ key, startRevision: 1 })) {
    seen.push(response.compactRevision);
  }
  expect(seen).toEqual([9]);
});
