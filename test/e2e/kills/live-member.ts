// SPDX-License-Identifier: Apache-2.0

import { MaintenanceService } from "../../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../../harness/grpc-client.ts";
import type { ServerProcess } from "../../harness/server-process.ts";

/** HashKV of a running member. */
export async function liveHash(server: ServerProcess): Promise<number> {
  const client = new GrpcClient(server.endpoint);
  try {
    return (await client.unary(MaintenanceService.hashKV, {})).hash;
  } finally {
    client.close();
  }
}
