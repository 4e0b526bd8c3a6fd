// SPDX-License-Identifier: Apache-2.0

import { ClusterService } from "../../api/gen/etcdserverpb.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, type Session, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";

/** A session and the endpoints that the command has to visit one by one. */
export interface EndpointSession extends Session {
  readonly endpoints: readonly string[];
}

/** The endpoints as given, or with the cluster flag the client URLs of all members. */
export async function openEndpointSession(call: Call): Promise<EndpointSession> {
  const session = await openSession(call);
  const { values } = call;
  if (!values.bool("cluster")) return { ...session, endpoints: session.options.endpoints };
  try {
    const response = await withClient(session.options, (client) =>
      client.call(
        ClusterService.memberList,
        { linearizable: true },
        { deadlineMs: commandDeadline(values), repeatable: true },
      ),
    );
    return { ...session, endpoints: response.members.flatMap((member) => member.clientURLs) };
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.exitCode !== ExitCode.error) throw error;
    const text = `failed to fetch endpoints from etcd cluster member list: ${error.message}`;
    throw new CommandFailure(ExitCode.error, text, { cause: error });
  }
}
