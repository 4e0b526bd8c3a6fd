// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../../base/contracts/clock.ts";
import { type Listener, listen } from "../../net/index.ts";
import { GrpcEndpoint, type GrpcEndpointOptions } from "../endpoint.ts";
import type { Method } from "../method-table.ts";

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

export const echo: Method = { kind: "unary", handler: (call, message) => call.respond(message) };

export interface Served {
  readonly endpoint: GrpcEndpoint;
  readonly listener: Listener;
  readonly port: number;
  /** What `onProtocolError` was told. */
  readonly protocolErrors: string[];
  close(): Promise<void>;
}

/** An endpoint that listens on a free port of this machine only. */
export async function serve(
  methods: Record<string, Method>,
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
  return { endpoint, listener, port: listener.port, protocolErrors, close };
}
