// SPDX-License-Identifier: Apache-2.0

import { onTestFinished } from "vitest";
import type { Clock } from "../../../base/contracts/clock.ts";
import { type Listener, listen } from "../../net/index.ts";
import { GrpcEndpoint, type GrpcEndpointOptions } from "../endpoint.ts";
import type { Method } from "../method-table.ts";
import { RawClient } from "./raw-client.ts";

export const realClock: Clock = {
  monotonicMs: () => performance.now(),
  unixMs: () => Date.now(),
};

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  nowMs = 1000;

  monotonicMs(): number {
    return this.nowMs;
  }

  unixMs(): number {
    return this.nowMs;
  }
}

export const ECHO = "/t.S/Echo";
export const HOLD = "/t.S/Hold";

export const echo: Method = { kind: "unary", handler: (call, message) => call.respond(message) };
/** A stream that never answers. */
export const hold: Method = {
  kind: "stream",
  handler: () => ({ onMessage: () => {}, onHalfClose: () => {}, onCancel: () => {} }),
};

export interface Served {
  readonly endpoint: GrpcEndpoint;
  readonly listener: Listener;
  readonly port: number;
  /** What `onProtocolError` was told. */
  readonly protocolErrors: string[];
  close(): Promise<void>;
}

/** An endpoint on a free port of this machine only, until the running test has finished. */
export async function serve(
  methods: Record<string, Method> = { [ECHO]: echo, [HOLD]: hold },
  options: Partial<GrpcEndpointOptions> = {},
): Promise<Served> {
  const protocolErrors: string[] = [];
  const endpoint = new GrpcEndpoint({
    methods: new Map(Object.entries(methods)),
    clock: realClock,
    onProtocolError: (_peer, code, reason) => protocolErrors.push(`${code} ${reason}`),
    ...options,
  });
  const listener = await listen({
    url: "http://127.0.0.1:0",
    onSocket: (socket) => endpoint.accept(socket),
  });
  const close = async (): Promise<void> => {
    endpoint.close();
    await listener.close();
  };
  onTestFinished(close);
  return { endpoint, listener, port: listener.port, protocolErrors, close };
}

/** A client that has sent preface, SETTINGS with `entries` and nothing else. */
export function greet(served: Served, ...entries: Buffer[]): RawClient {
  const client = RawClient.greet(served.port, ...entries);
  onTestFinished(() => {
    client.socket.destroy();
  });
  return client;
}
