// SPDX-License-Identifier: Apache-2.0

import { LeaseService, type ResponseHeader } from "../../api/gen/etcdserverpb.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { leaseArgument, orFail } from "./lease-arguments.ts";

export async function leaseRevoke(call: Call): Promise<number> {
  const id = leaseArgument(call, "lease revoke command needs 1 argument");
  const deadlineMs = commandDeadline(call.values);
  const session = await openSession(call);
  const { header } = await withClient(session.options, (client) => {
    const options = { deadlineMs, repeatable: true };
    const answer = client.call(LeaseService.leaseRevoke, { ID: id }, options);
    return orFail(answer, ExitCode.error, (message) => `failed to revoke lease (${message})`);
  });
  if (session.format === "protobuf") {
    throw new CommandFailure(ExitCode.badFeature, unmarshalable(header));
  }
  printAnswer(call.terminal, session.format, session.printer.leaseRevoke, { id, header });
  return ExitCode.success;
}

/** etcdctl prints the answer as Go shows a structure, with an address of its memory in it. */
function unmarshalable(header: ResponseHeader | undefined): string {
  const fields = [
    ["cluster_id", header?.clusterId ?? 0n],
    ["member_id", header?.memberId ?? 0n],
    ["revision", header?.revision ?? 0],
    ["raft_term", header?.raftTerm ?? 0],
  ] as const;
  const text = fields
    .filter(([, value]) => Number(value) !== 0)
    .map(([name, value]) => `${name}:${value}`)
    .join("  ");
  const type = "*clientv3.LeaseRevokeResponse";
  return `marshal unsupported for type ${type} (&{{{} [] [] 0x0} ${text} [] 0})`;
}
