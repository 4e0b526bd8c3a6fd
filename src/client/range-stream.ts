// SPDX-License-Identifier: Apache-2.0

import {
  KVService,
  type RangeRequest,
  RangeResponse,
  RangeStreamResponse,
} from "../api/gen/etcdserverpb.ts";
import type { Init } from "../api/message-codec.ts";
import type { Client } from "./client.ts";
import { toRpcError } from "./errors.ts";
import type { CallOptions } from "./options.ts";

/**
 * A range whose answer comes in pieces, put together: pairs from all pieces, the header, count
 * and more from the piece that has them.
 * @throws {RpcError} when the call failed
 */
export async function rangeStream(
  client: Client,
  request: Init<RangeRequest>,
  options: CallOptions = {},
): Promise<RangeResponse> {
  const connection = await client.connected(options);
  const method = KVService.rangeStream;
  const stream = connection.serverStream(method.path, method.request.encode(request), options);
  const whole = RangeResponse.create();
  try {
    for await (const message of stream) {
      if (!(message instanceof Uint8Array)) continue;
      const piece = RangeStreamResponse.decode(message).rangeResponse;
      if (piece === undefined) continue;
      // One by one: so many arguments as a piece may hold pairs do not fit a call.
      for (const pair of piece.kvs) whole.kvs.push(pair);
      whole.header = piece.header ?? whole.header;
      whole.count = piece.count || whole.count;
      whole.more = piece.more || whole.more;
    }
  } catch (error) {
    throw toRpcError(error);
  }
  return whole;
}
