// SPDX-License-Identifier: Apache-2.0

import { MaintenanceService, SnapshotResponse } from "../api/gen/etcdserverpb.ts";
import type { Client } from "./client.ts";
import type { CallOptions } from "./options.ts";
import { toRpcError } from "./watch-stream.ts";

/**
 * The pieces of a snapshot of one member, in order; the last one is a hash. `onConnected` is
 * called when there is a connection to ask on.
 * @throws {RpcError} when the call failed
 */
export async function* snapshotStream(
  client: Client,
  options: CallOptions = {},
  onConnected: () => void = () => {},
): AsyncGenerator<SnapshotResponse> {
  const connection = await client.connected(options);
  const method = MaintenanceService.snapshot;
  const stream = connection.serverStream(method.path, method.request.encode({}), options);
  onConnected();
  try {
    for await (const message of stream) {
      if (message instanceof Uint8Array) yield SnapshotResponse.decode(message);
    }
  } catch (error) {
    throw toRpcError(error);
  } finally {
    stream.cancel();
  }
}
