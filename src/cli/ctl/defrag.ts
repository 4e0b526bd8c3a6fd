// SPDX-License-Identifier: Apache-2.0

import { MaintenanceService } from "../../api/gen/etcdserverpb.ts";
import { formatGoDuration } from "../../base/go-duration.ts";
import { RpcError } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { commandDeadline, withClient } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { openEndpointSession } from "./endpoints.ts";

export async function defrag(call: Call): Promise<number> {
  const { terminal, values } = call;
  const session = await openEndpointSession(call);
  let failed = false;
  for (const endpoint of session.endpoints) {
    await withClient({ ...session.options, endpoints: [endpoint] }, async (client) => {
      const options = { deadlineMs: commandDeadline(values) };
      const start = process.hrtime.bigint();
      const took = (): string => formatGoDuration(process.hrtime.bigint() - start);
      try {
        await client.call(MaintenanceService.defragment, {}, options);
        terminal.out(`Finished defragmenting etcd member[${endpoint}]. took ${took()}\n`);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        failed = true;
        const text = `Failed to defragment etcd member[${endpoint}]. took ${took()}.`;
        terminal.error(`${text} (${error.message})\n`);
      }
    });
  }
  return failed ? ExitCode.error : ExitCode.success;
}
