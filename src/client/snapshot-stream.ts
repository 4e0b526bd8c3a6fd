// SPDX-License-Identifier: Apache-2.0

import { MaintenanceService, SnapshotResponse } from "../api/gen/etcdserverpb.ts";
import type { Client } from "./client.ts";
import type { CallOptions } from "./options.ts";

/** What follows a snapshot on its way. */
export interface SnapshotTaker {
  /** There is a connection to ask on. */
  onConnected(): void;
  /** The next piece, valid during the call; the last one is a hash. What it throws ends the call. */
  onPiece(piece: SnapshotResponse): void;
}

/**
 * Hands over the pieces of a snapshot of one member, in order.
 * @throws {RpcError} when the call failed
 */
export async function snapshotStream(
  client: Client,
  options: CallOptions,
  taker: SnapshotTaker,
): Promise<void> {
  const connection = await client.connectedForCalls(options);
  const method = MaintenanceService.snapshot;
  taker.onConnected();
  await connection.stream(method.path, method.request.encode({}), options, (message) =>
    taker.onPiece(SnapshotResponse.decode(message)),
  );
}
