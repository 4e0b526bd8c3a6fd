// SPDX-License-Identifier: Apache-2.0

import { MaintenanceService } from "../../api/gen/etcdserverpb.ts";
import { RpcError } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { commandDeadline, printAnswer, withClient } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import type { EndpointStatus } from "../print/printable.ts";
import { openEndpointSession } from "./endpoints.ts";

export async function endpointStatus(call: Call): Promise<number> {
  const session = await openEndpointSession(call);
  const found: EndpointStatus[] = [];
  let failed = false;
  for (const endpoint of session.endpoints) {
    await withClient({ ...session.options, endpoints: [endpoint] }, async (client) => {
      try {
        const deadlineMs = commandDeadline(call.values);
        const options = { deadlineMs, repeatable: true };
        const status = await client.call(MaintenanceService.status, {}, options);
        found.push({ endpoint, status });
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        failed = true;
        const text = `Failed to get the status of endpoint ${endpoint} (${error.message})\n`;
        call.terminal.error(text);
      }
    });
  }
  printAnswer(call.terminal, session.format, session.printer.endpointStatus, found);
  return failed ? ExitCode.error : ExitCode.success;
}
