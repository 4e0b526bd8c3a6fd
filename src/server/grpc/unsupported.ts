// SPDX-License-Identifier: Apache-2.0

import * as etcdserverpb from "../../api/gen/etcdserverpb.ts";
import * as v3electionpb from "../../api/gen/v3electionpb.ts";
import * as v3lockpb from "../../api/gen/v3lockpb.ts";
import { GrpcCode } from "../../api/rpc-errors.ts";
import type { Method } from "../h2/index.ts";
import { unsupportedText } from "./service.ts";

const services = [
  etcdserverpb.KVService,
  etcdserverpb.WatchService,
  etcdserverpb.LeaseService,
  etcdserverpb.ClusterService,
  etcdserverpb.MaintenanceService,
  etcdserverpb.AuthService,
  v3electionpb.ElectionService,
  v3lockpb.LockService,
];

/** The methods of etcd's API that are not among `supported`: each refuses by its name. */
export function unsupportedMethods(supported: ReadonlySet<string>): Map<string, Method> {
  const methods = new Map<string, Method>();
  for (const service of services) {
    for (const { path } of Object.values(service)) {
      if (!supported.has(path)) methods.set(path, refuseByName(path));
    }
  }
  return methods;
}

function refuseByName(path: string): Method {
  const text = unsupportedText(path);
  return {
    kind: "stream",
    handler: (call) => {
      call.fail(GrpcCode.unimplemented, text);
      return { onMessage: () => {}, onHalfClose: () => {}, onCancel: () => {} };
    },
  };
}
