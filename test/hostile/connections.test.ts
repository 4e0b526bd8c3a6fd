// SPDX-License-Identifier: Apache-2.0
// Connections that break HTTP/2 or abuse it, against the real server with its real limits.

import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { KVService, RangeRequest, WatchService } from "../../src/api/gen/etcdserverpb.ts";
import {
  clientPreface,
  ErrorCode,
  FRAME_CONTINUATION,
  FRAME_PING,
  FRAME_RST_STREAM,
  FRAME_WINDOW_UPDATE,
} from "../../src/server/h2/frames.ts";
import { defaultLimits } from "../../src/server/h2/limits.ts";
import {
  data,
  frame,
  headers,
  number,
  request,
  requestFields,
  setting,
  settings,
} from "../../src/server/h2/testing/raw-client.ts";
import { hostileServer } from "./rig.ts";

const STREAMS_MAX = 100;
const hostile = hostileServer(`--max-concurrent-streams=${STREAMS_MAX}`);
const WATCH = WatchService.watch.path;
const RANGE = KVService.range.path;
const empty = Buffer.alloc(0);

function times(count: number, make: (at: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, at) => make(at)));
}

const openWatch = headers(1, requestFields(WATCH));

describe("a connection is ended with the reason, and others are served on, after", () => {
  test.each<[string, Buffer, number]>([
    ["a frame that is too long", frame(0, 0, 1, Buffer.alloc(16_385)), ErrorCode.frameSizeError],
    [
      "a header block without end",
      Buffer.concat([
        headers(1, [], 0),
        times(defaultLimits.continuationFramesMax + 1, () =>
          frame(FRAME_CONTINUATION, 0, 1, Buffer.from([0x82])),
        ),
      ]),
      ErrorCode.enhanceYourCalm,
    ],
    [
      "streams that are opened and reset at once",
      times(defaultLimits.resetsPerWindowMax + 1, (at) =>
        Buffer.concat([
          headers(2 * at + 1, requestFields(WATCH)),
          frame(FRAME_RST_STREAM, 0, 2 * at + 1, number(ErrorCode.cancel)),
        ]),
      ),
      ErrorCode.enhanceYourCalm,
    ],
    [
      "a window that overflows",
      frame(FRAME_WINDOW_UPDATE, 0, 0, number(0x7fff_ffff)),
      ErrorCode.flowControlError,
    ],
    [
      "data without content",
      Buffer.concat([
        openWatch,
        times(defaultLimits.idleFramesPerWindowMax + 1, () => data(1, empty)),
      ]),
      ErrorCode.enhanceYourCalm,
    ],
    [
      "settings without end",
      times(defaultLimits.settingsPerWindowMax + 1, () => settings()),
      ErrorCode.enhanceYourCalm,
    ],
    [
      "pings without end",
      times(defaultLimits.pingsPerWindowMax + 1, () => frame(FRAME_PING, 0, 0, Buffer.alloc(8))),
      ErrorCode.enhanceYourCalm,
    ],
  ])("%s", async (_what, bytes, code) => {
    const { rig } = hostile;
    const attacker = rig.attacker();
    attacker.send(bytes);
    await rig.expectServed();
    expect(await attacker.goAway()).toMatchObject({ code });
    await attacker.untilClosed();
    await rig.expectServed();
  });
});

test("something else than the preface is closed", async () => {
  const { rig } = hostile;
  const wrong = Buffer.from(clientPreface);
  wrong.write("XX", 18);
  const socket = connect(rig.server.ports.client, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  socket.write(Buffer.concat([wrong, settings()]));
  await new Promise((resolve) => socket.once("close", resolve));
  await rig.expectServed();
});

test("a header list above the limit costs the stream, not the connection", async () => {
  const { rig } = hostile;
  const attacker = rig.attacker();
  // Each reference to the entry of 4 kB costs one byte on the wire.
  const name = Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e]);
  const entry = Buffer.concat([name, Buffer.alloc(4000, 0x78)]);
  const bomb = Buffer.concat([entry, Buffer.alloc(12_000, 0xbe)]);
  attacker.send(frame(1, 4, 1, bomb), request(3, "/etcdserverpb.Nothing/AtAll"));
  expect(await attacker.reset(1)).toBe(ErrorCode.frameSizeError);
  expect(await attacker.response(3)).toMatchObject({ "grpc-status": "12" });
  await rig.expectServed();
});

test("one stream more than allowed is refused, and taken when another one has ended", async () => {
  const { rig } = hostile;
  const attacker = rig.attacker();
  attacker.send(times(STREAMS_MAX, (at) => headers(2 * at + 1, requestFields(WATCH))));
  const next = 2 * STREAMS_MAX + 1;
  attacker.send(headers(next, requestFields(WATCH)));
  expect(await attacker.reset(next)).toBe(ErrorCode.refusedStream);
  attacker.send(frame(FRAME_RST_STREAM, 0, 1, number(ErrorCode.cancel)));
  attacker.send(request(next + 2, "/etcdserverpb.Nothing/AtAll"));
  expect(await attacker.response(next + 2)).toMatchObject({ "grpc-status": "12" });
  await rig.expectServed();
});

test("a client that never reads is not read from any more, and then catches up", async () => {
  const { rig } = hostile;
  const value = Buffer.alloc(100_000, "x");
  const key = Buffer.from("large");
  await rig.bystander.unary(KVService.put, { key, value });
  const attacker = rig.attacker(setting(4, 0x7fff_ffff));
  attacker.widen(0, 0x7fff_0000);
  await attacker.handled();
  const before = await rig.metric("process_resident_memory_bytes");
  attacker.socket.pause();
  const body = Buffer.from(RangeRequest.encode({ key, serializable: true })).toString("latin1");
  let sent = 0;
  // What the kernel and the server take together is bounded: the rest stays here.
  while (attacker.socket.writableLength < 1 << 20 && sent < 60_000) {
    attacker.send(request(2 * sent + 1, RANGE, body));
    sent++;
    if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(attacker.socket.writableLength).toBeGreaterThanOrEqual(1 << 20);
  await rig.expectServed();
  const after = await rig.metric("process_resident_memory_bytes");
  // All the answers together would be more than a gigabyte.
  expect(sent * value.length).toBeGreaterThan(2 ** 30);
  expect(after - before).toBeLessThan(2 ** 28);
  attacker.socket.resume();
  await attacker.response(1);
  await rig.expectServed();
});
