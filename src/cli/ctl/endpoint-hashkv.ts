// SPDX-License-Identifier: Apache-2.0

import { MaintenanceService } from "../../api/gen/etcdserverpb.ts";
import { RpcError } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { commandDeadline, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { EndpointHashKv } from "../print/printable.ts";
import { openEndpointSession } from "./endpoints.ts";

export async function endpointHashKv(call: Call): Promise<number> {
  const session = await openEndpointSession(call);
  const request = { revision: call.values.counter("rev") };
  const found: EndpointHashKv[] = [];
  let lastError: RpcError | undefined;
  for (const endpoint of session.endpoints) {
    await withClient({ ...session.options, endpoints: [endpoint] }, async (client) => {
      try {
        const options = { deadlineMs: commandDeadline(call.values), repeatable: true };
        const hashKv = await client.call(MaintenanceService.hashKV, request, options);
        found.push({ endpoint, hashKv });
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        lastError = error;
        const text = `Failed to get the hash of endpoint ${endpoint} (${error.message})\n`;
        call.terminal.error(text);
      }
    });
  }
  printAnswer(call.terminal, session.format, session.printer.endpointHashKv, found);
  if (lastError !== undefined) {
    throw new CommandFailure(ExitCode.error, lastError.message, { cause: lastError });
  }
  return ExitCode.success;
}
