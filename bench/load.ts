// SPDX-License-Identifier: Apache-2.0

import type { LatencySummary } from "./latency.ts";

/** How many connections, and how many requests each keeps in flight. */
export interface Shape {
  readonly connections: number;
  readonly inFlight: number;
}

/** One burst of load: `count` requests over the shape's connections, then it ends. */
export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly count: number;
  readonly shape: Shape;
  /** A good answer has at least so many bytes of gRPC message, an error has none. */
  readonly answerBytesMin: number;
  /** The gRPC message of the request with the given number. */
  readonly frameAt: (request: number) => Uint8Array;
}

export interface LoadResult {
  readonly seconds: number;
  readonly latency: LatencySummary;
}

/** Something that sends load and fails unless every request was answered. */
export interface LoadGenerator {
  readonly name: string;
  run(order: LoadOrder): Promise<LoadResult>;
}
