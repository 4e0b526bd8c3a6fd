// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { ErrorCode, FLAG_ACK, FRAME_GOAWAY, FRAME_PING } from "./frames.ts";
import type { GrpcEndpointOptions, KeepaliveOptions } from "./index.ts";
import { frame, headers, type RawClient, request, requestFields } from "./testing/raw-client.ts";
import { ECHO, greet as greetServed, HOLD, ManualClock, serve } from "./testing/served-endpoint.ts";

async function greet(options: Partial<GrpcEndpointOptions>): Promise<RawClient> {
  return greetServed(await serve(undefined, options));
}

describe("keepalive", () => {
  const ping = frame(FRAME_PING, 0, 0, Buffer.alloc(8));
  async function client(keepalive: Partial<KeepaliveOptions>, clock = new ManualClock()) {
    return { clock, client: await greet({ clock, keepalive }) };
  }
  const pongs = (raw: RawClient): number =>
    raw.of(FRAME_PING).filter(({ flags }) => (flags & FLAG_ACK) !== 0).length;
  async function pingOnce(raw: RawClient): Promise<void> {
    const before = pongs(raw);
    raw.send(ping);
    await raw.until(() => (pongs(raw) > before ? true : undefined));
  }

  test("pings without a stream are too many from the fourth on", async () => {
    const { client: raw, clock } = await client({ minTimeMs: 5000 });
    raw.send(ping, ping, ping);
    await raw.until(() => (pongs(raw) === 3 ? true : undefined));
    expect(raw.of(FRAME_GOAWAY)).toEqual([]);
    clock.nowMs += 6000;
    raw.send(ping);
    expect(await raw.goAway()).toEqual({
      lastStreamId: 0,
      code: ErrorCode.enhanceYourCalm,
      text: "too_many_pings",
    });
    await raw.untilClosed();
  });

  test("with a stream open, pings at the permitted pace go on for ever", async () => {
    const { client: raw, clock } = await client({ minTimeMs: 200 });
    raw.send(headers(1, requestFields(HOLD)));
    for (let index = 0; index < 8; index++) {
      clock.nowMs += 250;
      await pingOnce(raw);
    }
    expect(raw.of(FRAME_GOAWAY)).toEqual([]);
    raw.send(ping, ping, ping, ping);
    expect(await raw.goAway()).toMatchObject({ text: "too_many_pings" });
  });

  test("pings are forgiven whenever something was sent in between", async () => {
    const { client: raw } = await client({ minTimeMs: 5000 });
    for (let index = 0; index < 8; index++) {
      raw.send(request(2 * index + 1, ECHO));
      await raw.response(2 * index + 1);
      await pingOnce(raw);
    }
    expect(raw.of(FRAME_GOAWAY)).toEqual([]);
  });

  test("pings without a stream are fine where they are permitted", async () => {
    const { client: raw, clock } = await client({ minTimeMs: 100, permitWithoutStream: true });
    for (let index = 0; index < 6; index++) {
      clock.nowMs += 100;
      await pingOnce(raw);
    }
    expect(raw.of(FRAME_GOAWAY)).toEqual([]);
  });

  test("the server pings a silent client and closes when nothing comes back", async () => {
    const served = await serve(undefined, { keepalive: { intervalMs: 20, timeoutMs: 30 } });
    const raw = greetServed(served);
    const [first] = await raw.until(() => {
      const own = raw.of(FRAME_PING);
      return own.length > 0 ? own : undefined;
    });
    raw.send(frame(FRAME_PING, FLAG_ACK, 0, first?.payload ?? Buffer.alloc(0)));
    await raw.until(() => raw.of(FRAME_PING)[1]);
    await raw.untilClosed();
    await served.endpoint.drain();
    expect(served.protocolErrors).toEqual([]);
  });
});
