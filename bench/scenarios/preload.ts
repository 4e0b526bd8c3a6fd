// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../src/api/gen/etcdserverpb.ts";
import type { MethodDescriptor } from "../../src/api/message-codec.ts";
import { GrpcClient } from "../../test/harness/grpc-client.ts";
import type { ServerProcess } from "../../test/harness/server-process.ts";
import type { Shape } from "../load.ts";
import { nodeGenerator } from "../node-generator.ts";
import { grpcFrame, keyAt, preload } from "../rows.ts";

const preloadShape: Shape = { connections: 20, inFlight: 50 };

/** Writes the first `count` keys of the key space, one put each. */
export async function putKeys(server: ServerProcess, count: number): Promise<void> {
  await callMany(server, count, {
    path: preload.path,
    answerBytesMin: preload.answerBytesMin,
    frameAt: (index) => preload.frame(keyAt(index)),
  });
}

/** Sends `count` calls, many at a time, and fails unless all are answered well. */
export async function callMany(
  server: ServerProcess,
  count: number,
  call: {
    readonly path: string;
    readonly answerBytesMin: number;
    readonly frameAt: (index: number) => Uint8Array;
  },
): Promise<void> {
  await nodeGenerator.run({ port: server.ports.client, shape: preloadShape, count, ...call });
}

/** The whole gRPC message of a request. */
export function messageOf<Q, R>(
  method: MethodDescriptor<Q, R>,
  request: Parameters<MethodDescriptor<Q, R>["request"]["encode"]>[0],
): Uint8Array {
  return grpcFrame(method.request.encode(request));
}

/** The store's revision. */
export async function currentRevision(server: ServerProcess): Promise<number> {
  const client = new GrpcClient(server.endpoint);
  try {
    const answer = await client.unary(KVService.range, { key: keyAt(0) }, { deadlineMs: 60_000 });
    return answer.header?.revision ?? Number.NaN;
  } finally {
    client.close();
  }
}
